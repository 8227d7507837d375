{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_snapshots() }}") }}

-- The cube behind the executive dashboard: small enough to draw at once, and it sums to the customers.
with cells as (
    select
        customers.snapshot_date,
        customers.branch_id,
        customers.branch_name,
        customers.customer_type,
        customers.customer_type_label,
        tiers.tier,
        rfm.segment,
        lifecycle.lifecycle_stage,
        rfm.r_score,
        rfm.f_score,
        rfm.m_score,
        count(*) as customers,
        count(*) filter (where customers.closed_date is null) as open_customers,
        count(*) filter (where months.is_active) as active_customers,
        count(*) filter (
            where {{ month_start("customers.opened_date") }} = {{ month_start("customers.snapshot_date") }}
        ) as new_customers,
        sum(months.aum_amount) as aum_amount
    from {{ ref("int_customers__snapshots") }} as customers
    inner join {{ ref("fct_customer_months") }} as months
        on
            customers.customer_id = months.customer_id
            and customers.snapshot_date = months.snapshot_date
    inner join {{ ref("fct_customer_tiers") }} as tiers
        on
            customers.customer_id = tiers.customer_id
            and customers.snapshot_date = tiers.snapshot_date
    inner join {{ ref("fct_customer_rfm") }} as rfm
        on
            customers.customer_id = rfm.customer_id
            and customers.snapshot_date = rfm.snapshot_date
    inner join {{ ref("fct_customer_lifecycle") }} as lifecycle
        on
            customers.customer_id = lifecycle.customer_id
            and customers.snapshot_date = lifecycle.snapshot_date
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),

segment_labels as (
    select distinct segment, segment_zh, segment_en, segment_rank, effective_from, effective_to
    from {{ ref("rfm_segments") }}
)

select
    cells.snapshot_date,
    cells.snapshot_date = last_day(cells.snapshot_date) as is_month_end,
    cells.branch_id,
    cells.branch_name,
    cells.customer_type,
    cells.customer_type_label,
    cells.tier,
    {{ bilingual("tier_labels") }} as tier_label,
    tier_labels.sort_rank as tier_rank,
    cells.segment,
    coalesce(segment_labels.segment_zh || ' ' || segment_labels.segment_en, {{ bilingual("not_scored") }})
        as segment_label,
    coalesce(segment_labels.segment_rank, not_scored.sort_rank) as segment_rank,
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
left join segment_labels
    on
        cells.segment = segment_labels.segment
        and {{ is_in_force("segment_labels", "cells.snapshot_date") }}
{{ label_join("tier_labels", "tier", "cells.tier", "cells.snapshot_date") }}
{{ label_join("not_scored", "segment", "cells.segment", "cells.snapshot_date") }}
{{ label_join("stage_labels", "lifecycle_stage", "cells.lifecycle_stage", "cells.snapshot_date") }}
