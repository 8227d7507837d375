{{ config(meta={"dagster": {"ref": {"name": "int_activity__posted_days"}}}) }}

-- Nothing is lost or doubled between a delivery and the facts: as many transactions and, to the cent, the same amounts.
with staged as (
    select
        delivered_on,
        count(*) as transactions,
        sum(amount) as amount
    from {{ ref("stg_core_banking__transactions") }}
    where {{ in_changed_deliveries("delivered_on") }}
    group by delivered_on
),

facts as (
    select
        delivered_on,
        sum(transactions) as transactions,
        sum(staged_amount) as amount
    from {{ ref("int_activity__posted_days") }}
    where {{ in_changed_deliveries("delivered_on") }}
    group by delivered_on
)

select
    coalesce(staged.delivered_on, facts.delivered_on) as delivered_on,
    staged.transactions as staged_transactions,
    facts.transactions as fact_transactions,
    staged.amount as staged_amount,
    facts.amount as fact_amount
from staged
full outer join facts on staged.delivered_on = facts.delivered_on
where
    staged.transactions is distinct from facts.transactions
    or staged.amount is distinct from facts.amount
