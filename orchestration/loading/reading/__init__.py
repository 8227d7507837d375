"""Files into batches of text, or into the reason why they cannot be read."""
