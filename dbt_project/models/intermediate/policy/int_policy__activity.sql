{{ policy_as_of_snapshots("activity", {"active_window_days": "integer"}) }}
