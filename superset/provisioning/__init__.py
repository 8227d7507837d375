"""What `provision.py` does to Superset's metadata, and how it knows whether there is anything to do."""
