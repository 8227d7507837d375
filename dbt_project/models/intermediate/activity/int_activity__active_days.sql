-- Days with an active transaction, with the interval of delivery days in which that was known: a late
-- delivery makes a day known later, a reversal may take it back. Only as far back as this run looks.
with days as (
    select
        customer_id,
        activity_date,
        delivered_on,
        sum(net_transactions) as active_transactions
    from {{ ref("int_activity__customer_days") }}
    where
        is_active
        and activity_date >= (
            select least(min(baseline_start_date), min(frequency_start_date))
            from {{ ref("int_activity__windows") }}
        )
    group by customer_id, activity_date, delivered_on
),

told_late as (
    select distinct customer_id, activity_date
    from days
    where delivered_on > activity_date
),

told_at_once as (
    select
        days.customer_id,
        days.activity_date,
        days.delivered_on as known_from,
        cast(null as date) as known_to
    from days
    left join told_late
        on
            days.customer_id = told_late.customer_id
            and days.activity_date = told_late.activity_date
    where told_late.customer_id is null and days.active_transactions > 0
),

running as (
    select
        days.customer_id,
        days.activity_date,
        days.delivered_on,
        sum(days.active_transactions) over (
            partition by days.customer_id, days.activity_date order by days.delivered_on
        ) > 0 as is_active
    from days
    inner join told_late
        on
            days.customer_id = told_late.customer_id
            and days.activity_date = told_late.activity_date
),

turns as (
    select
        *,
        lag(is_active) over (partition by customer_id, activity_date order by delivered_on) as was_active
    from running
),

known_intervals as (
    select
        customer_id,
        activity_date,
        is_active,
        delivered_on as known_from,
        lead(delivered_on) over (partition by customer_id, activity_date order by delivered_on) as known_to
    from turns
    where is_active <> coalesce(was_active, false)
)

select customer_id, activity_date, known_from, known_to
from told_at_once

union all

select customer_id, activity_date, known_from, known_to
from known_intervals
where is_active
