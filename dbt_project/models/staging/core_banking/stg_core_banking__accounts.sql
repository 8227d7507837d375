{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- Needed as a whole every day, so the warehouse keeps it and a run opens only its own deliveries' files (D-10).
select
    account_id,
    customer_id,
    product_id,
    currency,
    opened_on as opened_date,
    closed_on as closed_date,
    absent_columns,
    business_date as delivered_on
from {{ source("core_banking", "accounts") }}
where
    business_date <= {{ as_of_date() }}
    and {{ in_changed_deliveries("business_date") }}
