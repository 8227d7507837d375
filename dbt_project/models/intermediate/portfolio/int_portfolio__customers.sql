{{ config(materialized="ephemeral") }}

-- What every customer is on the snapshots of this run, by all classifications side by side.
select
    customers.customer_id,
    customers.snapshot_date,
    customers.is_month_end,
    customers.branch_id,
    customers.branch_name,
    customers.customer_type,
    customers.customer_type_label,
    customers.manager_id,
    customers.opened_date,
    customers.closed_date,
    customers.tenure_months,
    months.aum_status,
    months.aum_amount,
    months.is_active,
    months.last_active_date,
    tiers.tier,
    rfm.segment,
    rfm.rfm_cell,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    lifecycle.lifecycle_stage
from {{ ref("int_customers__snapshots") }} as customers
inner join {{ ref("int_customers__months") }} as months
    on
        customers.customer_id = months.customer_id
        and customers.snapshot_date = months.snapshot_date
inner join {{ ref("int_tiers__snapshots") }} as tiers
    on
        customers.customer_id = tiers.customer_id
        and customers.snapshot_date = tiers.snapshot_date
inner join {{ ref("int_rfm__customers") }} as rfm
    on
        customers.customer_id = rfm.customer_id
        and customers.snapshot_date = rfm.snapshot_date
inner join {{ ref("int_lifecycle__stages") }} as lifecycle
    on
        customers.customer_id = lifecycle.customer_id
        and customers.snapshot_date = lifecycle.snapshot_date
