-- The day ranges each snapshot looks at, from policy.
with lengths as (
    select
        activity.snapshot_date,
        {{ add_days("activity.snapshot_date", 1) }} as next_date,
        activity.active_window_days,
        lifecycle.baseline_windows,
        activity.active_window_days * (1 + lifecycle.baseline_windows) as reach_days,
        rfm.frequency_months
    from {{ ref("int_policy__activity") }} as activity
    inner join {{ ref("int_policy__lifecycle") }} as lifecycle on activity.snapshot_date = lifecycle.snapshot_date
    inner join {{ ref("int_policy__rfm") }} as rfm on activity.snapshot_date = rfm.snapshot_date
)

select
    snapshot_date,
    active_window_days,
    baseline_windows,
    {{ sub_days("next_date", "active_window_days") }} as active_start_date,
    {{ sub_days("next_date", "reach_days") }} as baseline_start_date,
    -- The last full months: at a month-end they include that month.
    {{ sub_months(month_start("next_date"), "frequency_months") }} as frequency_start_date,
    {{ sub_days(month_start("next_date"), 1) }} as frequency_end_date
from lengths
