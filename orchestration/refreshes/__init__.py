"""What a refresh is due for, what it did, what went wrong, and what it leaves to clean up."""
