{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- The tier with the criterion that decided, and what the other criteria looked at.
select
    inputs.customer_id,
    inputs.snapshot_date,
    inputs.is_month_end,
    inputs.customer_type,
    decisions.class as tier,
    decisions.reason as tier_reason,
    decisions.policy as tier_policy,
    decisions.deciding_measure,
    decisions.deciding_comparison,
    decisions.deciding_value,
    decisions.deciding_limit,
    inputs.aum_month_average_amount,
    inputs.card_spend_window_amount,
    inputs.loan_month_average_amount,
    inputs.is_linked_to_gold,
    inputs.is_potential_profile,
    inputs.is_vip_elsewhere,
    decisions.policy_version
from {{ ref("int_tiers__inputs") }} as inputs
inner join {{ ref("int_classes__decisions") }} as decisions
    on
        decisions.classification = 'tier'
        and inputs.customer_id = decisions.customer_id
        and inputs.snapshot_date = decisions.snapshot_date
