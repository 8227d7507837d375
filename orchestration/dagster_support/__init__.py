"""What Dagster needs to run here: its home, its event log, and what a run reports to people."""
