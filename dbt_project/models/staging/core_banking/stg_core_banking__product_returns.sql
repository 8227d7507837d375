select
    return_id,
    customer_id,
    product_id,
    return_type,
    purchased_on as purchased_date,
    cast(occurred_at as date) as returned_date,
    amount,
    business_date as delivered_on
from {{ source("core_banking", "product_returns") }}
where business_date <= {{ as_of_date() }}
