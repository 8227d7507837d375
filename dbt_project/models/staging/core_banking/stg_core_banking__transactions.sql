select
    transaction_id,
    customer_id,
    account_id,
    product_id,
    transaction_type,
    coalesce(currency, 'CNY') as currency,
    amount,
    occurred_at,
    cast(occurred_at as date) as activity_date,
    channel,
    reversal_of,
    reversed_on as reversed_date,
    business_date as delivered_on,
    source_file,
    source_line
from {{ source("core_banking", "transactions") }}
where business_date <= {{ as_of_date() }}
