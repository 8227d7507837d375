{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ replace_months('delivered_month_date') }}",
    )
}}

-- Two months: the one in which it happened, and the one in which it was delivered.
{%- set amounts = [
    "active", "inflow", "outflow", "salary", "card_spend", "purchase", "same_name_in", "same_name_out",
    "transfer_in", "transfer_out", "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
] %}

select
    customer_id,
    {{ month_start("activity_date") }} as activity_month_date,
    {{ month_start("delivered_on") }} as delivered_month_date,
    sum(transactions) as transactions,
    sum(active_transactions) as active_transactions,
    sum(unconverted_transactions) as unconverted_transactions,
    {% for amount in amounts %}
        cast(sum({{ amount }}_amount) as decimal(18, 2)) as {{ amount }}_amount{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref("int_activity__customer_days") }}
where delivered_on >= {{ month_start(window_start()) }}
group by 1, 2, 3
