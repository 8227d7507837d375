{{ config(materialized="incremental", meta={"replaces": "months", "by": "delivered_month_date"}) }}

-- Two months: the one in which it happened, and the one in which it was delivered.
select
    customer_id,
    {{ month_start("activity_date") }} as activity_month_date,
    {{ month_start("delivered_on") }} as delivered_month_date,
    sum(transactions) as transactions,
    sum(case when is_active then net_transactions else 0 end) as active_transactions,
    sum(unconverted_transactions) as unconverted_transactions,
    cast(coalesce(sum(amount) filter (where is_active), 0) as decimal(18, 2)) as active_amount,
    cast(coalesce(sum(amount) filter (where direction = 'in'), 0) as decimal(18, 2)) as inflow_amount,
    cast(coalesce(sum(amount) filter (where direction = 'out'), 0) as decimal(18, 2)) as outflow_amount,
    cast(coalesce(sum(reversed_amount) filter (where direction = 'in'), 0) as decimal(18, 2)) as reversed_inflow_amount,
    cast(coalesce(sum(reversed_amount) filter (where direction = 'out'), 0) as decimal(18, 2))
        as reversed_outflow_amount,
    {% for group in transaction_groups() %}
        cast(
            coalesce(sum(amount) filter (where transaction_group = '{{ group }}'), 0) as decimal(18, 2)
        ) as {{ group }}_amount{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref("int_activity__customer_days") }}
where delivered_on >= {{ month_start(window_start()) }}
group by customer_id, activity_month_date, delivered_month_date
