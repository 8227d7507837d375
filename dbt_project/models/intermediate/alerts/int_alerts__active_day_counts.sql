{{ config(materialized="view") }}

-- Active days in a window and in the windows before it. The counts of a customer change only when a day enters
-- or leaves a window, so there is a row for each interval between such changes, not for each date.
with rules as (
    {{ rule("frequency_drop", {"window_days": "integer", "baseline_windows": "integer"}) }}
),

history as (
    select min(activity_date) as first_date from {{ ref("int_activity__active_days") }}
),

-- Comparable from the day on which all windows lie in the data and in the customer's time with the bank.
customers as (
    select
        customers.customer_id,
        rules.*,
        case
            when history.first_date is not null
                then
                    greatest(customers.opened_date, history.first_date)
                    + rules.window_days * (1 + rules.baseline_windows) - 1
        end as comparable_date
    from {{ ref("int_customers__snapshots") }} as customers
    cross join rules
    cross join history
    where customers.snapshot_date = {{ as_of_date() }}
),

-- An active day lies in the window first, then in the windows before it.
windows as (
    select effective_from, 0 as enters_after, window_days as leaves_after, 1 as observed_days, 0 as baseline_days
    from rules

    union all

    select
        effective_from, window_days as enters_after, window_days * (1 + baseline_windows) as leaves_after,
        0 as observed_days, 1 as baseline_days
    from rules
),

stays as (
    select
        customers.customer_id,
        customers.effective_from,
        windows.observed_days,
        windows.baseline_days,
        greatest(
            {{ add_days("days.activity_date", "windows.enters_after") }},
            days.known_from, customers.comparable_date, customers.first_date
        ) as enters_date,
        least({{ add_days("days.activity_date", "windows.leaves_after") }}, days.known_to) as leaves_date
    from {{ ref("int_activity__active_days") }} as days
    inner join customers on days.customer_id = customers.customer_id
    inner join windows on customers.effective_from = windows.effective_from
),

turns as (
    select customer_id, effective_from, enters_date as turn_date, observed_days, baseline_days
    from stays
    where enters_date < leaves_date

    union all

    select
        customer_id, effective_from,
        leaves_date as turn_date, -observed_days as observed_days, -baseline_days as baseline_days
    from stays
    where enters_date < leaves_date

    union all

    -- Customers without any active day have counts as well: none.
    select
        customer_id, effective_from,
        greatest(comparable_date, first_date) as turn_date, 0 as observed_days, 0 as baseline_days
    from customers
    where comparable_date is not null
),

daily_turns as (
    select customer_id, effective_from, turn_date, sum(observed_days) as entered, sum(baseline_days) as entered_baseline
    from turns
    where turn_date <= {{ as_of_date() }}
    group by customer_id, effective_from, turn_date
)

select
    customer_id,
    effective_from,
    turn_date as starts_date,
    lead(turn_date) over customer_turns as ends_before,
    sum(entered) over customer_turns as observed_days,
    sum(entered_baseline) over customer_turns as baseline_days
from daily_turns
window customer_turns as (partition by customer_id, effective_from order by turn_date)
