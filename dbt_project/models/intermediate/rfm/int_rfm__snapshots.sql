{#
    Which cut points a snapshot is scored with: its own at a month-end, the last frozen ones on any
    other day. Before the first month-end there are none, so the day uses its own.
#}
with snapshots as (
    select
        snapshot_date,
        is_month_end,
        first_delivery_date,
        {{ sub_days("month_start_date", 1) }} as last_month_end_date
    from {{ ref("int_calendar__snapshots") }}
),

cuts as (
    select
        snapshot_date,
        -- Month-ends of earlier runs exist from the first delivery on.
        case
            when not is_month_end and last_month_end_date >= first_delivery_date then last_month_end_date
            else snapshot_date
        end as cut_date
    from snapshots
)

select
    cuts.snapshot_date,
    cuts.cut_date,
    -- The stock measure where there are balances, else the turnover.
    case
        when cuts.cut_date >= periods.first_balance_date then 'aum_window_average' else 'turnover_window'
    end as monetary_basis
from cuts
inner join {{ ref("int_aum__periods") }} as periods on cuts.snapshot_date = periods.snapshot_date
