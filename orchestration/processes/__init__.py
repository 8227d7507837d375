"""Locks, and programs that end with the one that started them."""
