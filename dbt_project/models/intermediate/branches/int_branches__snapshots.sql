-- Branches are delivered as a whole: the last delivery known on the day holds. A branch that a
-- customer names but no delivery holds keeps its number as its name.
with known as (
    select
        snapshots.snapshot_date,
        max(branches.delivered_on) as delivered_on
    from {{ ref("int_calendar__snapshots") }} as snapshots
    inner join {{ ref("stg_core_banking__branches") }} as branches
        on snapshots.snapshot_date >= branches.delivered_on
    group by snapshots.snapshot_date
)

select
    known.snapshot_date,
    branches.branch_id,
    branches.branch_name,
    branches.city
from known
inner join {{ ref("stg_core_banking__branches") }} as branches on known.delivered_on = branches.delivered_on
