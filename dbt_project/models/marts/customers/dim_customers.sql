-- The customer as of the data's date, without anything personal.
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
    customers.aum_status,
    customers.aum_amount,
    customers.is_active,
    customers.last_active_date,
    customers.tier,
    {{ bilingual("tier_labels") }} as tier_label,
    customers.segment,
    segment_labels.segment_label,
    customers.rfm_cell,
    customers.lifecycle_stage,
    {{ bilingual("stage_labels") }} as lifecycle_stage_label,
    -- Bands follow the contribution, which is not computed yet.
    'insufficient_data' as value_band,
    customers.snapshot_date as as_of_date
from {{ ref("int_portfolio__customers") }} as customers
left join {{ ref("int_rfm__segment_labels") }} as segment_labels
    on
        customers.snapshot_date = segment_labels.snapshot_date
        and customers.segment = segment_labels.segment
{{ label_join("tier_labels", "tier", "customers.tier", "customers.snapshot_date") }}
{{ label_join("stage_labels", "lifecycle_stage", "customers.lifecycle_stage", "customers.snapshot_date") }}
where customers.snapshot_date = {{ as_of_date() }}
