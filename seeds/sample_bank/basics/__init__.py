"""Days, chance and words."""
