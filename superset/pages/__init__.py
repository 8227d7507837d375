"""Pages that Superset shows here and should not, and pages of ours that it shows besides."""
