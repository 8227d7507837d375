{{ config(materialized="view") }}

-- Each snapshot beside the one before it: every count is read twice, for its own snapshot and for the next.
with counted as (
    select distinct
        snapshot_date,
        is_month_end
    from {{ ref("int_portfolio__cells") }}
),

snapshots as (
    select
        snapshot_date,
        is_month_end,
        lag(snapshot_date) over (order by snapshot_date) as previous_snapshot_date
    from counted
),

sides as (
    select *, snapshot_date as counted_date, true as is_own
    from snapshots

    union all

    select *, previous_snapshot_date as counted_date, false as is_own
    from snapshots
)

select
    sides.snapshot_date,
    sides.previous_snapshot_date,
    sides.is_month_end,
    {{ month_label("sides.snapshot_date") }} as month_label,
    cells.branch_id,
    -- A branch that was renamed has its name of the snapshot.
    max_by(cells.branch_name, sides.counted_date) as branch_name,
    cells.customer_type,
    max_by(cells.customer_type_label, sides.counted_date) as customer_type_label,
    {% for count in ["open_customers", "active_customers", "new_customers"] %}
        cast(coalesce(sum(cells.{{ count }}) filter (where sides.is_own), 0) as bigint) as {{ count }},
        cast(coalesce(sum(cells.{{ count }}) filter (where not sides.is_own), 0) as bigint) as previous_{{ count }},
    {% endfor %}
    cast(sum(cells.aum_amount) filter (where sides.is_own) as decimal(24, 2)) as aum_amount,
    cast(sum(cells.aum_amount) filter (where not sides.is_own) as decimal(24, 2)) as previous_aum_amount
from sides
inner join {{ ref("int_portfolio__cells") }} as cells on sides.counted_date = cells.snapshot_date
group by
    sides.snapshot_date, sides.previous_snapshot_date, sides.is_month_end, cells.branch_id, cells.customer_type
