-- Fewer active days than before (A50). The counts of a customer change only when a day enters or leaves
-- a window, so each active day becomes four changes and the rule is evaluated on the intervals between
-- them: every date of the run is covered without a row per customer and date.
with history as (
    select min(activity_date) as first_date from {{ ref("int_activity__active_days") }}
),

rules as (
    {{ rule_in_window("frequency_drop") }}
),

-- Nothing can be evaluated before a whole baseline lies in the data.
reach as (
    select
        rules.*,
        greatest(
            rules.first_date,
            {{ add_days("history.first_date", "rules.window_days * (1 + rules.baseline_windows) - 1") }}
        ) as first_evaluated_date
    from rules
    cross join history
),

customers as (
    select * from {{ ref("int_customers__snapshots") }}
    where snapshot_date = {{ as_of_date() }}
),

in_windows as (
    select
        active_days.customer_id,
        reach.effective_from,
        reach.first_evaluated_date,
        greatest(active_days.activity_date, active_days.known_from) as starts_date,
        least({{ add_days("active_days.activity_date", "reach.window_days") }}, active_days.known_to) as ends_date,
        1 as observed_days,
        0 as baseline_days
    from {{ ref("int_activity__active_days") }} as active_days
    inner join reach on reach.first_evaluated_date <= reach.last_date

    union all

    select
        active_days.customer_id,
        reach.effective_from,
        reach.first_evaluated_date,
        greatest(
            {{ add_days("active_days.activity_date", "reach.window_days") }}, active_days.known_from
        ) as starts_date,
        least(
            {{ add_days("active_days.activity_date", "reach.window_days * (1 + reach.baseline_windows)") }},
            active_days.known_to
        ) as ends_date,
        0 as observed_days,
        1 as baseline_days
    from {{ ref("int_activity__active_days") }} as active_days
    inner join reach on reach.first_evaluated_date <= reach.last_date
),

changes as (
    select
        customer_id, effective_from,
        greatest(starts_date, first_evaluated_date) as change_date,
        observed_days, baseline_days
    from in_windows
    where starts_date < ends_date and ends_date > first_evaluated_date

    union all

    select
        customer_id, effective_from,
        ends_date as change_date,
        -observed_days as observed_days, -baseline_days as baseline_days
    from in_windows
    where starts_date < ends_date and ends_date > first_evaluated_date
),

daily_changes as (
    select
        customer_id,
        effective_from,
        change_date,
        sum(observed_days) as observed_days,
        sum(baseline_days) as baseline_days
    from changes
    where change_date <= {{ as_of_date() }}
    group by customer_id, effective_from, change_date
),

intervals as (
    select
        customer_id,
        effective_from,
        change_date as starts_date,
        lead(change_date) over (
            partition by customer_id, effective_from order by change_date
        ) as next_date,
        sum(observed_days) over (
            partition by customer_id, effective_from order by change_date
        ) as observed_days,
        sum(baseline_days) over (
            partition by customer_id, effective_from order by change_date
        ) as baseline_days
    from daily_changes
),

-- Only where the whole baseline lies in the customer's time with the bank and in the data.
evaluated as (
    select
        customers.customer_id,
        rules.effective_from,
        rules.window_days,
        rules.baseline_windows,
        rules.threshold,
        intervals.observed_days,
        intervals.baseline_days,
        greatest(
            intervals.starts_date,
            {{
                add_days(
                    "greatest(customers.opened_date, history.first_date)",
                    "rules.window_days * (1 + rules.baseline_windows) - 1"
                )
            }}
        ) as starts_date,
        least(coalesce({{ add_days("intervals.next_date", -1) }}, rules.last_date), rules.last_date) as ends_date,
        coalesce(
            intervals.baseline_days >= rules.baseline_minimum * rules.baseline_windows
            and intervals.observed_days * rules.baseline_windows <= rules.threshold * intervals.baseline_days
            and floors.observed_days is not null,
            false
        ) as is_firing,
        intervals.baseline_days >= rules.baseline_minimum * rules.baseline_windows as is_applicable
    from customers
    cross join history
    inner join intervals on customers.customer_id = intervals.customer_id
    inner join rules on intervals.effective_from = rules.effective_from
    left join {{ ref("poisson_floors") }} as floors
        on
            intervals.observed_days = floors.observed_days
            and intervals.baseline_days >= floors.minimum_baseline_days
            and {{ is_in_force("floors", "intervals.starts_date") }}
),

firing_days as (
    select
        *,
        {{ each_day("starts_date", "ends_date") }} as evaluated_date
    from evaluated
    where is_firing and starts_date <= ends_date
),

quiet_today as (
    select
        customers.customer_id,
        rules.effective_from,
        rules.window_days,
        rules.baseline_windows,
        rules.threshold,
        evaluated.observed_days,
        evaluated.baseline_days,
        customers.closed_date is null and coalesce(evaluated.is_applicable, false) as is_applicable,
        case
            when customers.closed_date is not null then 'not_applicable'
            when
                {{
                    add_days(
                        "greatest(customers.opened_date, history.first_date)",
                        "rules.window_days * (1 + rules.baseline_windows) - 1"
                    )
                }} > {{ as_of_date() }}
                or history.first_date is null
                then 'insufficient_data'
            when coalesce(evaluated.is_applicable, false) then 'clear'
            else 'not_applicable'
        end as status
    from customers
    cross join history
    inner join rules on rules.last_date = {{ as_of_date() }}
    left join evaluated
        on
            customers.customer_id = evaluated.customer_id
            and rules.effective_from = evaluated.effective_from
            and {{ as_of_date() }} between evaluated.starts_date and evaluated.ends_date
    where not coalesce(evaluated.is_firing, false) or customers.closed_date is not null
),

results as (
    select
        customer_id, effective_from, window_days, baseline_windows, threshold, observed_days, baseline_days,
        evaluated_date, 'firing' as status
    from firing_days
    where {{ is_still_customer("firing_days") }}

    union all

    select
        customer_id, effective_from, window_days, baseline_windows, threshold,
        -- Below the minimum there is nothing to compare, however few days lie in the windows.
        case when is_applicable then observed_days end as observed_days,
        case when is_applicable then baseline_days end as baseline_days,
        {{ as_of_date() }} as evaluated_date, status
    from quiet_today
)

select
    'frequency_drop' as rule_id,
    effective_from as rule_effective_from,
    'customer' as subject_type,
    customer_id as subject_id,
    customer_id,
    evaluated_date,
    status,
    cast(observed_days as double) as observed,
    round({{ ratio("baseline_days", "baseline_windows") }}, 6) as baseline,
    round(cast(threshold as double) * {{ ratio("baseline_days", "baseline_windows") }}, 6) as threshold,
    {{ add_days("evaluated_date", "1 - window_days") }} as window_start_date,
    evaluated_date as window_end_date,
    {{
        evidence({
            "observed_days": "cast(observed_days as integer)",
            "baseline_days_total": "cast(baseline_days as integer)",
            "baseline_windows": "baseline_windows",
            "window_days": "window_days",
        })
    }} as evidence_json
from results
