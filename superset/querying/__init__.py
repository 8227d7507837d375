"""How SQL reaches the served file: which may, in a process of its own, within its time, dashboards first."""
