{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- The cube behind the executive dashboard: small enough to draw at once, and it sums to the customers.
with cells as (
    select
        snapshot_date,
        is_month_end,
        branch_id,
        branch_name,
        customer_type,
        customer_type_label,
        tier,
        segment,
        lifecycle_stage,
        r_score,
        f_score,
        m_score,
        count(*) as customers,
        count(*) filter (where closed_date is null) as open_customers,
        count(*) filter (where is_active) as active_customers,
        count(*) filter (
            where {{ month_start("opened_date") }} = {{ month_start("snapshot_date") }}
        ) as new_customers,
        sum(aum_amount) as aum_amount
    from {{ ref("int_portfolio__customers") }}
    group by
        snapshot_date, is_month_end, branch_id, branch_name, customer_type, customer_type_label,
        tier, segment, lifecycle_stage, r_score, f_score, m_score
)

select
    cells.snapshot_date,
    cells.is_month_end,
    cells.branch_id,
    cells.branch_name,
    cells.customer_type,
    cells.customer_type_label,
    cells.tier,
    {{ bilingual("tier_labels") }} as tier_label,
    tier_labels.sort_rank as tier_rank,
    cells.segment,
    segment_labels.segment_label,
    segment_labels.segment_rank,
    cells.lifecycle_stage,
    {{ bilingual("stage_labels") }} as lifecycle_stage_label,
    stage_labels.sort_rank as lifecycle_stage_rank,
    cells.r_score,
    cells.f_score,
    cells.m_score,
    cast(cells.customers as bigint) as customers,
    cast(cells.open_customers as bigint) as open_customers,
    cast(cells.active_customers as bigint) as active_customers,
    cast(cells.new_customers as bigint) as new_customers,
    cast(cells.aum_amount as decimal(24, 2)) as aum_amount
from cells
left join {{ ref("int_rfm__segment_labels") }} as segment_labels
    on
        cells.snapshot_date = segment_labels.snapshot_date
        and cells.segment = segment_labels.segment
{{ label_join("tier_labels", "tier", "cells.tier", "cells.snapshot_date") }}
{{ label_join("stage_labels", "lifecycle_stage", "cells.lifecycle_stage", "cells.snapshot_date") }}
