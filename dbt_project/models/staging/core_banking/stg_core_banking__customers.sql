{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- Needed as a whole every day, so the warehouse keeps it and a run opens only its own deliveries' files (D-10).
select
    customer_id,
    customer_type,
    opened_on as opened_date,
    closed_on as closed_date,
    branch_id,
    manager_id,
    income_band,
    occupation_code,
    industry_code,
    is_vip_elsewhere,
    is_head_office_client,
    linked_corporate_id,
    corporate_role,
    absent_columns,
    business_date as delivered_on
from {{ source("core_banking", "customers") }}
where
    business_date <= {{ as_of_date() }}
    and {{ in_changed_deliveries("business_date") }}
