{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_snapshots() }}") }}

-- Averages are worked backwards from the closing balance: a change on day e had not happened yet on
-- the days of the window before e. So one pass over the changes of the window is enough, however
-- long the history is.
with snapshots as (
    select
        calendar.*,
        {{ days_between("calendar.month_start_date", "calendar.snapshot_date") }} + 1 as month_days,
        rfm.aum_days,
        {{ add_days("calendar.snapshot_date", "1 - rfm.aum_days") }} as aum_window_start_date,
        case
            when divisor.day_divisor_days > 0 then divisor.day_divisor_days
            else {{ days_between("calendar.month_start_date", "calendar.snapshot_date") }} + 1
        end as month_divisor
    from {{ ref("int_calendar__snapshots") }} as calendar
    inner join {{ ref("int_policy__rfm") }} as rfm on calendar.snapshot_date = rfm.snapshot_date
    inner join {{ ref("int_policy__calendar") }} as divisor
        on calendar.snapshot_date = divisor.snapshot_date
),

changes as (
    select * from {{ ref("int_aum__changes") }}
    where
        change_date >= (
            select least(min(aum_window_start_date), min(previous_snapshot_date)) from snapshots
        )
),

period_changes as (
    select
        changes.customer_id,
        snapshots.snapshot_date,
        sum(changes.deposit_change) as deposit_change,
        sum(changes.investment_change) as investment_change,
        sum(changes.loan_change) as loan_change
    from changes
    inner join snapshots
        on
            changes.change_date > snapshots.previous_snapshot_date
            and changes.change_date <= snapshots.snapshot_date
    group by changes.customer_id, snapshots.snapshot_date
),

opening as (
    {% if is_incremental() %}
        select customer_id, deposit_amount, investment_amount, loan_amount
        from {{ this }}
        where snapshot_date = {{ add_days(month_start(window_start()), -1) }}
    {% else %}
        select
            customer_id,
            cast(0 as decimal(18, 2)) as deposit_amount,
            cast(0 as decimal(18, 2)) as investment_amount,
            cast(0 as decimal(18, 2)) as loan_amount
        from changes
        where 1 = 0
    {% endif %}
),

closing as (
    select
        customers.customer_id,
        customers.snapshot_date,
        {% for measure in ["deposit", "investment", "loan"] %}
            cast(
                coalesce(opening.{{ measure }}_amount, 0)
                + sum(coalesce(period_changes.{{ measure }}_change, 0))
                    over (partition by customers.customer_id order by customers.snapshot_date)
                as decimal(18, 2)
            ) as {{ measure }}_amount{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref("int_customers__snapshots") }} as customers
    left join period_changes
        on
            customers.customer_id = period_changes.customer_id
            and customers.snapshot_date = period_changes.snapshot_date
    left join opening on customers.customer_id = opening.customer_id
),

-- What the closing balance overstates, in amount times days.
not_yet as (
    select
        changes.customer_id,
        snapshots.snapshot_date,
        {% for measure in ["deposit", "investment", "loan"] %}
            coalesce(
                sum(
                    changes.{{ measure }}_change
                    * {{ days_between("snapshots.month_start_date", "changes.change_date") }}
                ) filter (where changes.change_date >= snapshots.month_start_date),
                0
            ) as month_{{ measure }},
        {% endfor %}
        coalesce(
            sum(
                (changes.deposit_change + changes.investment_change)
                * {{ days_between("snapshots.aum_window_start_date", "changes.change_date") }}
            ) filter (where changes.change_date >= snapshots.aum_window_start_date),
            0
        ) as window_aum
    from changes
    inner join snapshots
        on
            changes.change_date <= snapshots.snapshot_date
            and changes.change_date
            >= least(snapshots.aum_window_start_date, snapshots.month_start_date)
    group by changes.customer_id, snapshots.snapshot_date
)

select
    closing.customer_id,
    closing.snapshot_date,
    closing.deposit_amount,
    closing.investment_amount,
    closing.loan_amount,
    {% for measure in ["deposit", "investment", "loan"] %}
    {{
        average_amount(
            "(closing." ~ measure ~ "_amount * snapshots.month_days - coalesce(not_yet.month_" ~ measure ~ ", 0))",
            "snapshots.month_divisor"
        )
    }} as {{ measure }}_month_average_amount,
    {% endfor %}
    {{
        average_amount(
            "((closing.deposit_amount + closing.investment_amount) * snapshots.month_days"
            ~ " - coalesce(not_yet.month_deposit + not_yet.month_investment, 0))",
            "snapshots.month_divisor"
        )
    }} as aum_month_average_amount,
    {{
        average_amount(
            "((closing.deposit_amount + closing.investment_amount) * snapshots.aum_days"
            ~ " - coalesce(not_yet.window_aum, 0))",
            "snapshots.aum_days"
        )
    }} as aum_window_average_amount
from closing
inner join snapshots on closing.snapshot_date = snapshots.snapshot_date
left join not_yet
    on
        closing.customer_id = not_yet.customer_id
        and closing.snapshot_date = not_yet.snapshot_date
