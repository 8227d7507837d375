"""What moves on accounts."""
