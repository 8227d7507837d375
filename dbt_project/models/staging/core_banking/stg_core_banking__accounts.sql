select
    account_id,
    customer_id,
    product_id,
    coalesce(currency, 'CNY') as currency,
    opened_on as opened_date,
    closed_on as closed_date,
    business_date as delivered_on
from {{ source("lake", "accounts") }}
where business_date <= {{ as_of_date() }}
