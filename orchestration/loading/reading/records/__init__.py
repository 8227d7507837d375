"""A CSV file as records: its lines, the texts that span several, what is none, and their fields."""
