{{ config(materialized="incremental", meta={"replaces": "days", "by": "delivered_on"}) }}

-- What reversals take away: from the day on which the original happened, as its type. The original no longer counts
-- once nothing of it is left. In CNY each part is the difference of what was left before and after it, so that the
-- cents of all parts sum to those of the original.
with applied as (
    select
        *,
        left_amount - amount as remaining_amount
    from {{ ref("int_reversals__judged") }}
    where reversal_status = 'applied' and delivered_on >= {{ window_start() }}
),

converted as (
    select
        reversals.customer_id,
        reversals.original_date,
        reversals.delivered_on,
        reversals.is_last_part,
        types.direction,
        types.is_active,
        types.transaction_group,
        {{ in_cny("reversals.left_amount", "reversals.currency", "rates.mid_rate") }} as cny_before,
        {{ in_cny("reversals.remaining_amount", "reversals.currency", "rates.mid_rate") }} as cny_after
    from applied as reversals
    inner join {{ ref("transaction_types") }} as types
        on
            reversals.original_type = types.transaction_type
            and {{ is_in_force("types", "reversals.original_date") }}
    left join {{ ref("int_fx__daily_rates") }} as rates
        on
            reversals.currency = rates.currency
            and reversals.original_date = rates.rate_date
)

select
    customer_id,
    original_date as activity_date,
    delivered_on,
    transaction_group,
    direction,
    is_active,
    cast(sum(case when is_last_part then 1 else 0 end) as bigint) as reversed_transactions,
    cast(coalesce(sum(cny_before - cny_after), 0) as decimal(18, 2)) as reversed_amount
from converted
group by customer_id, original_date, delivered_on, transaction_group, direction, is_active
