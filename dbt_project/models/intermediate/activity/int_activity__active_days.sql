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

told as (
    select
        days.*,
        told_late.customer_id is not null as is_told_late
    from days
    left join told_late
        on
            days.customer_id = told_late.customer_id
            and days.activity_date = told_late.activity_date
),

running as (
    select
        customer_id,
        activity_date,
        delivered_on,
        sum(active_transactions) over (partition by customer_id, activity_date order by delivered_on) > 0 as is_active
    from told
    where is_told_late
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

-- Nearly all days: one delivery, on the day itself.
select
    customer_id,
    activity_date,
    delivered_on as known_from,
    cast(null as date) as known_to
from told
where not is_told_late and active_transactions > 0

union all

select customer_id, activity_date, known_from, known_to
from known_intervals
where is_active
