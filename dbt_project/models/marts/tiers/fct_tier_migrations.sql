{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_days('month_end_date') }}") }}

-- From one month-end to the next, measured directly. A row of a month sums to all customers of its from-tier.
with months as (
    select
        customer_id,
        snapshot_date,
        tier,
        {{ month_number("snapshot_date") }} as month_number
    from {{ ref("fct_customer_tiers") }}
    where
        is_month_end
        and customer_type = 'individual'
        and snapshot_date >= {{ add_days(month_start(window_start()), -1) }}
),

moves as (
    select
        later.snapshot_date as month_end_date,
        coalesce(earlier.tier, 'new') as from_tier,
        later.tier as to_tier,
        count(*) as customers
    from months as later
    left join months as earlier
        on
            later.customer_id = earlier.customer_id
            and later.month_number = earlier.month_number + 1
    where
        later.snapshot_date >= {{ window_start() }}
        and later.month_number > (
            select {{ month_number("min(delivered_on)") }} from {{ ref("stg_core_banking__customers") }}
        )
    group by 1, 2, 3
)

select
    month_end_date,
    from_tier,
    to_tier,
    cast(customers as bigint) as customers,
    round(
        100 * {{ ratio("customers", "sum(customers) over (partition by month_end_date, from_tier)") }}, 6
    ) as from_tier_share_pct
from moves
