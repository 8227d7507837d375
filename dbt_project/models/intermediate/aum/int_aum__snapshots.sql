-- Averages are worked backwards from the closing balance: a change on day e had not happened yet on the days of the
-- window before e. So one pass over the changes of the window is enough, however long the history is (D-18).
-- Before balances are delivered there is nothing to average, and no row.
{%- set measures = ["deposit", "investment", "loan", "aum"] %}

with periods as (
    select * from {{ ref("int_aum__periods") }}
    where snapshot_date >= first_balance_date
),

closing as (
    select
        *,
        deposit_amount + investment_amount as aum_amount
    from {{ ref("int_aum__closing") }}
    where snapshot_date >= {{ window_start() }}
),

changes as (
    select
        *,
        deposit_change + investment_change as aum_change
    from {{ ref("int_aum__changes") }}
    where change_date >= (select least(min(window_start_date), min(month_start_date)) from periods)
),

-- What the closing balance overstates, in amount times days.
overstated as (
    select
        changes.customer_id,
        periods.snapshot_date,
        {% for measure in measures %}
            sum(
                changes.{{ measure }}_change * {{ days_between("periods.month_start_date", "changes.change_date") }}
            ) filter (where changes.change_date >= periods.month_start_date) as month_{{ measure }},
        {% endfor %}
        sum(
            changes.aum_change * {{ days_between("periods.window_start_date", "changes.change_date") }}
        ) filter (where changes.change_date >= periods.window_start_date) as window_aum
    from changes
    inner join periods
        on
            changes.change_date <= periods.snapshot_date
            and changes.change_date >= least(periods.window_start_date, periods.month_start_date)
    group by changes.customer_id, periods.snapshot_date
),

totals as (
    select
        closing.*,
        periods.month_divisor,
        periods.aum_days,
        {% for measure in measures %}
            closing.{{ measure }}_amount * periods.month_days - coalesce(overstated.month_{{ measure }}, 0)
                as {{ measure }}_month_total,
        {% endfor %}
        closing.aum_amount * periods.aum_days - coalesce(overstated.window_aum, 0) as aum_window_total
    from closing
    inner join periods on closing.snapshot_date = periods.snapshot_date
    left join overstated
        on
            closing.customer_id = overstated.customer_id
            and closing.snapshot_date = overstated.snapshot_date
)

select
    customer_id,
    snapshot_date,
    deposit_amount,
    investment_amount,
    loan_amount,
    cast(aum_amount as decimal(18, 2)) as aum_amount,
    {% for measure in measures %}
        {{ average_amount(measure ~ "_month_total", "month_divisor") }} as {{ measure }}_month_average_amount,
    {% endfor %}
    {{ average_amount("aum_window_total", "aum_days") }} as aum_window_average_amount
from totals
