{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- A row per kind of transaction, not a column: most customers do one kind of thing on a day, and a sum per
-- kind for each of them would cost twice the time and the memory.
select
    customer_id,
    activity_date,
    delivered_on,
    transaction_group,
    direction,
    is_active,
    count(*) as transactions,
    cast(sum(staged_amount) as decimal(24, 2)) as staged_amount,
    cast(coalesce(sum(amount_cny), 0) as decimal(18, 2)) as amount,
    sum(case when amount_cny is null then 1 else 0 end) as unconverted_transactions
from {{ ref("int_activity__movements") }}
group by customer_id, activity_date, delivered_on, transaction_group, direction, is_active
