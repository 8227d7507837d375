{{
    policy_as_of_snapshots(
        "tier",
        {
            "vip_aum_amount": "decimal(18,2)",
            "vip_card_spend_amount": "decimal(18,2)",
            "vip_loan_amount": "decimal(18,2)",
            "target_aum_share": "decimal(6,4)",
        }
    )
}}
