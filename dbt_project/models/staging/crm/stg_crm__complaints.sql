{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- Needed as a whole every day, so the warehouse keeps it and a run opens only its own deliveries' files (D-10).
select
    complaint_id,
    customer_id,
    category,
    filed_at as filed_local_at,
    first_response_at as first_response_local_at,
    resolved_at as resolved_local_at,
    branch_id,
    product_id,
    employee_id,
    channel,
    absent_columns,
    business_date as delivered_on
from {{ source("crm", "complaints") }}
where
    business_date <= {{ as_of_date() }}
    and {{ in_changed_deliveries("business_date") }}
