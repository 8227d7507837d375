{{ config(materialized="view") }}

-- What was posted, and beside it what reversals took back of it.
select
    customer_id,
    activity_date,
    delivered_on,
    transaction_group,
    direction,
    is_active,
    'posted' as leg,
    transactions,
    transactions as net_transactions,
    amount,
    amount as posted_amount,
    0 as reversed_amount,
    unconverted_transactions
from {{ ref("int_activity__posted_days") }}

union all

select
    customer_id,
    activity_date,
    delivered_on,
    transaction_group,
    direction,
    is_active,
    'reversed' as leg,
    0 as transactions,
    -reversed_transactions as net_transactions,
    -reversed_amount as amount,
    0 as posted_amount,
    reversed_amount,
    0 as unconverted_transactions
from {{ ref("int_reversals__days") }}
