-- The day ranges each snapshot looks at, from policy.
select
    calendar.snapshot_date,
    activity.active_window_days,
    lifecycle.baseline_windows,
    {{ add_days("calendar.snapshot_date", "1 - activity.active_window_days") }} as active_start_date,
    {{
        add_days(
            "calendar.snapshot_date",
            "1 - activity.active_window_days * (1 + lifecycle.baseline_windows)"
        )
    }} as baseline_start_date,
    -- The last full months: at a month-end they include that month.
    {{ add_months(month_start(add_days("calendar.snapshot_date", 1)), "-rfm.frequency_months") }}
        as frequency_start_date,
    {{ add_days(month_start(add_days("calendar.snapshot_date", 1)), -1) }} as frequency_end_date
from {{ ref("int_calendar__snapshots") }} as calendar
inner join {{ ref("int_policy__activity") }} as activity on calendar.snapshot_date = activity.snapshot_date
inner join {{ ref("int_policy__lifecycle") }} as lifecycle on calendar.snapshot_date = lifecycle.snapshot_date
inner join {{ ref("int_policy__rfm") }} as rfm on calendar.snapshot_date = rfm.snapshot_date
