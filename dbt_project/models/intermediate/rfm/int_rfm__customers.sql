{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

with customers as (
    select * from {{ ref("int_customers__snapshots") }}
),

scores as (
    select
        *,
        cast(r_score as varchar) || cast(f_score as varchar) || cast(m_score as varchar) as rfm_cell
    from {{ ref("int_rfm__scores") }}
)

select
    customers.customer_id,
    customers.snapshot_date,
    customers.is_month_end,
    customers.customer_type as population,
    scores.recency_days,
    scores.frequency_days,
    scores.monetary_amount,
    snapshots.monetary_basis,
    coalesce(scores.r_score, 0) as r_score,
    coalesce(scores.f_score, 0) as f_score,
    coalesce(scores.m_score, 0) as m_score,
    coalesce(scores.rfm_cell, '000') as rfm_cell,
    coalesce(segments.segment, 'not_scored') as segment,
    snapshots.cut_date,
    -- The customer has not been here for the whole frequency window.
    customers.opened_date > windows.frequency_start_date as is_short_exposure,
    policy.policy_version
from customers
inner join {{ ref("int_rfm__snapshots") }} as snapshots on customers.snapshot_date = snapshots.snapshot_date
inner join {{ ref("int_activity__windows") }} as windows on customers.snapshot_date = windows.snapshot_date
inner join {{ ref("int_policy__rfm") }} as policy on customers.snapshot_date = policy.snapshot_date
left join scores
    on
        customers.customer_id = scores.customer_id
        and customers.snapshot_date = scores.snapshot_date
left join {{ ref("rfm_segments") }} as segments
    on
        scores.rfm_cell = segments.rfm_cell
        and {{ is_in_force("segments", "customers.snapshot_date") }}
