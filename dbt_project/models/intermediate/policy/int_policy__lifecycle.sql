{{
    policy_as_of_snapshots(
        "lifecycle",
        {
            "baseline_windows": "integer",
            "lost_silent_days": "integer",
            "lost_aum_amount": "decimal(18,2)",
            "dormant_days": "integer",
            "recovered_active_days": "integer",
            "recovered_months": "integer",
            "declining_reference_aum_amount": "decimal(18,2)",
            "declining_aum_ratio": "decimal(6,4)",
            "declining_activity_floor": "integer",
            "declining_activity_ratio": "decimal(6,4)",
            "calm_aum_ratio": "decimal(6,4)",
            "calm_activity_ratio": "decimal(6,4)",
            "calm_months": "integer",
            "onboarding_months": "integer",
            "growth_aum_ratio": "decimal(6,4)",
            "growth_months": "integer",
        }
    )
}}
