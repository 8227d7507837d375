{{ config(materialized="incremental", meta={"replaces": "days", "by": "balance_date"}) }}

-- Kept apart from the many others: they are worth something else on every day with a new rate.
select
    account_id,
    customer_id,
    currency,
    product_family,
    balance_date,
    balance_amount
from {{ ref("int_aum__balances") }}
where currency <> 'CNY'
