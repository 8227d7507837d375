"""How SQL reaches the served file: which is allowed, in which process, for how long, dashboards first."""
