"""Deliveries as files, with the dirt in them and the truth about it."""
