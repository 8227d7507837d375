{{ policy_as_of_snapshots("calendar", {"day_divisor_days": "integer"}) }}
