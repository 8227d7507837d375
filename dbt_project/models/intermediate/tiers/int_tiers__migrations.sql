{{ config(materialized="incremental", meta={"replaces": "days", "by": "month_end_date"}) }}

-- From one month-end to the next, measured directly. A row of a month sums to all customers of its from-tier.
with months as (
    select
        customer_id,
        snapshot_date,
        tier,
        {{ month_number("snapshot_date") }} as month_number
    from {{ ref("int_tiers__snapshots") }}
    where
        is_month_end
        and customer_type = 'individual'
        and snapshot_date >= {{ sub_days(month_start(window_start()), 1) }}
),

moves as (
    select
        later.snapshot_date as month_end_date,
        coalesce(earlier.tier, 'new') as from_tier,
        later.tier as to_tier,
        count(*) as customers
    from months as later
    inner join {{ ref("int_calendar__snapshots") }} as snapshots
        on
            later.snapshot_date = snapshots.snapshot_date
            and later.month_number > {{ month_number("snapshots.first_delivery_date") }}
    left join months as earlier
        on
            later.customer_id = earlier.customer_id
            and later.month_number = earlier.month_number + 1
    group by later.snapshot_date, coalesce(earlier.tier, 'new'), later.tier
),

leaving as (
    select
        *,
        sum(customers) over (partition by month_end_date, from_tier) as from_customers
    from moves
)

select
    month_end_date,
    from_tier,
    to_tier,
    cast(customers as bigint) as customers,
    round(100 * {{ ratio("customers", "from_customers") }}, 6) as from_tier_share_pct
from leaving
