select
    transaction_id,
    customer_id,
    account_id,
    product_id,
    transaction_type,
    coalesce(currency, 'CNY') as currency,
    amount,
    cast(occurred_at as date) as activity_date,
    channel,
    reversal_of,
    business_date as delivered_on
from {{ source("core_banking", "transactions") }}
where business_date <= {{ as_of_date() }}
