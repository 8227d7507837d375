"""Deliveries into the lake: found, read, judged, written and committed."""
