{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- Needed as a whole every day, so the warehouse keeps it and a run opens only its own deliveries' files (D-10).
select
    product_id,
    product_name,
    product_family,
    risk_grade,
    business_date as delivered_on
from {{ source("core_banking", "products") }}
where
    business_date <= {{ as_of_date() }}
    and {{ in_changed_deliveries("business_date") }}
