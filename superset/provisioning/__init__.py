"""What `provision.py` changes in Superset's metadata, and how it knows whether there is anything to do."""
