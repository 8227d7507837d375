"""What dbt builds: the plan, the call, and the warehouse it fills."""
