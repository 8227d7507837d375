{{ config(materialized="ephemeral") }}

-- Every number that a rule may ask for; true is 1. What is not known has no row, so no rule about it holds.
with measured as (
    select
        customer_id,
        snapshot_date,
        customer_type,
        cast(1 as decimal(20, 4)) as everybody,
        cast(cast(is_closed as integer) as decimal(20, 4)) as is_closed,
        cast(case when aum_status = 'ok' then 1 else 0 end as decimal(20, 4)) as is_aum_known,
        cast(aum_month_average_amount as decimal(20, 4)) as aum_month_average_amount,
        cast(card_spend_window_amount as decimal(20, 4)) as card_spend_window_amount,
        cast(loan_month_average_amount as decimal(20, 4)) as loan_month_average_amount,
        cast(cast(is_linked_to_gold as integer) as decimal(20, 4)) as is_linked_to_gold,
        cast(cast(is_potential_profile as integer) as decimal(20, 4)) as is_potential_profile,
        cast(cast(is_vip_elsewhere as integer) as decimal(20, 4)) as is_vip_elsewhere
    from {{ ref("int_tiers__inputs") }}
)

select
    customer_id,
    snapshot_date,
    customer_type,
    measure,
    measured_value
from measured
unpivot (
    measured_value for measure in (
        everybody, is_closed, is_aum_known, aum_month_average_amount, card_spend_window_amount,
        loan_month_average_amount, is_linked_to_gold, is_potential_profile, is_vip_elsewhere
    )
)
