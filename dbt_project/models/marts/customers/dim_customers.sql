-- The customer as of the data's date, without anything personal.
with customers as (
    select * from {{ ref("int_customers__snapshots") }}
    where snapshot_date = {{ as_of_date() }}
)

select
    customers.customer_id,
    customers.customer_type,
    customers.customer_type_label,
    customers.branch_id,
    customers.branch_name,
    customers.manager_id,
    customers.opened_date,
    customers.closed_date,
    customers.closed_date is null as is_open,
    cast(customers.tenure_months as integer) as tenure_months,
    months.aum_status,
    months.aum_amount,
    months.is_active,
    months.last_active_date,
    tiers.tier,
    {{ bilingual("tier_labels") }} as tier_label,
    rfm.segment,
    coalesce(segments.segment_zh || ' ' || segments.segment_en, {{ bilingual("not_scored") }}) as segment_label,
    rfm.rfm_cell,
    lifecycle.lifecycle_stage,
    {{ bilingual("stage_labels") }} as lifecycle_stage_label,
    -- Bands follow the contribution, which is not computed yet.
    'insufficient_data' as value_band,
    customers.snapshot_date as as_of_date
from customers
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
left join {{ ref("rfm_segments") }} as segments
    on
        rfm.rfm_cell = segments.rfm_cell
        and {{ is_in_force("segments", "customers.snapshot_date") }}
{{ label_join("tier_labels", "tier", "tiers.tier", "customers.snapshot_date") }}
{{ label_join("not_scored", "segment", "rfm.segment", "customers.snapshot_date") }}
{{ label_join("stage_labels", "lifecycle_stage", "lifecycle.lifecycle_stage", "customers.snapshot_date") }}
