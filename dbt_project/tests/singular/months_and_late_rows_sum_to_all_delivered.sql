{{ config(meta={"dagster": {"ref": {"name": "int_customers__months"}}}) }}

-- What a month's customers did in it, and what arrived in it about earlier months, are together all that was delivered.
with delivered as (
    select
        {{ month_start("delivered_on") }} as month_start_date,
        count(*) as transactions
    from {{ ref("stg_core_banking__transactions") }}
    where delivered_on between {{ month_start(window_start()) }} and {{ as_of_date() }}
    group by month_start_date
),

counted as (
    select
        {{ month_start("snapshot_date") }} as month_start_date,
        sum(transactions + late_transactions) as transactions
    from {{ ref("int_customers__months") }}
    where snapshot_date >= {{ window_start() }}
    group by month_start_date
)

select
    counted.month_start_date,
    delivered.transactions as delivered_transactions,
    counted.transactions as counted_transactions
from counted
left join delivered on counted.month_start_date = delivered.month_start_date
where counted.transactions <> coalesce(delivered.transactions, 0)
