{#
    Which cut points a snapshot is scored with: its own at a month-end, the last frozen ones on any
    other day. Before the first month-end there are none, so the day uses its own.
#}
with snapshots as (
    select snapshot_date, is_month_end
    from {{ ref("int_calendar__snapshots") }}
),

-- Month-ends of earlier runs exist from the first delivery on.
first_delivery as (
    select min(delivered_on) as delivered_on
    from {{ ref("stg_core_banking__customers") }}
),

first_balance as (
    select min(change_date) as change_date from {{ ref("int_aum__changes") }}
),

cuts as (
    select
        snapshots.snapshot_date,
        case
            when snapshots.is_month_end then snapshots.snapshot_date
            when {{ add_days(month_start("snapshots.snapshot_date"), -1) }} >= first_delivery.delivered_on
                then {{ add_days(month_start("snapshots.snapshot_date"), -1) }}
            else snapshots.snapshot_date
        end as cut_date
    from snapshots
    cross join first_delivery
)

select
    cuts.snapshot_date,
    cuts.cut_date,
    -- The stock measure where there are balances, else the turnover (domain, D2).
    case
        when cuts.cut_date >= first_balance.change_date then 'aum_90' else 'turnover_12m'
    end as monetary_basis
from cuts
cross join first_balance
