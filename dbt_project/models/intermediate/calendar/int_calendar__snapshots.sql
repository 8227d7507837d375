with dates as (
    {% for date in snapshot_dates() %}
        select cast('{{ date }}' as date) as snapshot_date
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    snapshot_date,
    snapshot_date = last_day(snapshot_date) as is_month_end,
    {{ month_start("snapshot_date") }} as month_start_date,
    -- Deltas of a period are those after the snapshot before it; the first period starts after the last closed month.
    coalesce(
        lag(snapshot_date) over (order by snapshot_date),
        {{ add_days(month_start(window_start()), -1) }}
    ) as previous_snapshot_date
from dates
