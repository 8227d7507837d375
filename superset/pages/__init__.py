"""Superset's own pages that must not be shown, and our pages that it shows as well."""
