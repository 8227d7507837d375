{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

with windows as (
    select * from {{ ref("int_activity__windows") }}
),

counts as (
    select
        days.customer_id,
        windows.snapshot_date,
        count(*) filter (where days.activity_date >= windows.active_start_date)
            as active_days,
        count(*) filter (
            where
            days.activity_date < windows.active_start_date
            and days.activity_date >= windows.baseline_start_date
        ) as baseline_days,
        count(*) filter (
            where days.activity_date between windows.frequency_start_date and windows.frequency_end_date
        ) as frequency_days,
        max(days.activity_date) as last_active_date
    from {{ ref("int_activity__active_days") }} as days
    inner join windows
        on
            days.activity_date <= windows.snapshot_date
            and days.activity_date >= least(windows.baseline_start_date, windows.frequency_start_date)
            and days.known_from <= windows.snapshot_date
            and (days.known_to > windows.snapshot_date or days.known_to is null)
    group by days.customer_id, windows.snapshot_date
)

select
    customers.customer_id,
    customers.snapshot_date,
    coalesce(counts.active_days, 0) as active_days,
    coalesce(counts.baseline_days, 0) as baseline_days,
    coalesce(counts.frequency_days, 0) as frequency_days,
    -- Older than the windows: carried from the snapshots before.
    coalesce(
        counts.last_active_date,
        max(counts.last_active_date) over (partition by customers.customer_id order by customers.snapshot_date)
        {% if is_incremental() %}, earlier.last_active_date{% endif %}
    ) as last_active_date
from {{ ref("int_customers__snapshots") }} as customers
left join counts
    on
        customers.customer_id = counts.customer_id
        and customers.snapshot_date = counts.snapshot_date
{% if is_incremental() %}
    left join {{ this }} as earlier
        on
            customers.customer_id = earlier.customer_id
            and earlier.snapshot_date = {{ sub_days(month_start(window_start()), 1) }}
{% endif %}
