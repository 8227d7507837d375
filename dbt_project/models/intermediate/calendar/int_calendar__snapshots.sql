-- The dates of this run come from its clock; where the data begins is told by the first delivery.
with dates as (
    {% for date in snapshot_dates() %}
        select cast('{{ date }}' as date) as snapshot_date
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

first_delivery as (
    select min(delivered_on) as first_delivery_date from {{ ref("stg_core_banking__customers") }}
)

select
    dates.snapshot_date,
    dates.snapshot_date = last_day(dates.snapshot_date) as is_month_end,
    {{ month_start("dates.snapshot_date") }} as month_start_date,
    -- Deltas of a period are those after the snapshot before it; the first period starts after the last closed month.
    coalesce(
        lag(dates.snapshot_date) over (order by dates.snapshot_date),
        {{ sub_days(month_start(window_start()), 1) }}
    ) as previous_snapshot_date,
    first_delivery.first_delivery_date
from dates
cross join first_delivery
