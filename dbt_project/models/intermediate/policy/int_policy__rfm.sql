{{ policy_as_of_snapshots("rfm", {"frequency_months": "integer", "aum_days": "integer"}) }}
