{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ replace_months('delivered_month_date') }}",
    )
}}

-- Two months: the one in which it happened, and the one in which it was delivered.
{%- set groups = [
    "salary", "card_spend", "purchase", "same_name_in", "same_name_out", "transfer_in", "transfer_out",
    "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
] %}
{%- set amounts = {
    "active": "is_active",
    "inflow": "direction = 'in'",
    "outflow": "direction = 'out'",
} %}
{%- for group in groups %}
    {%- do amounts.update({group: "transaction_group = '" ~ group ~ "'"}) %}
{%- endfor %}

select
    customer_id,
    {{ month_start("activity_date") }} as activity_month_date,
    {{ month_start("delivered_on") }} as delivered_month_date,
    sum(transactions) as transactions,
    sum(case when is_active then net_transactions else 0 end) as active_transactions,
    sum(unconverted_transactions) as unconverted_transactions,
    {% for amount, condition in amounts.items() %}
        cast(
            coalesce(sum(amount) filter (where {{ condition }}), 0) as decimal(18, 2)
        ) as {{ amount }}_amount{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref("int_activity__customer_days") }}
where delivered_on >= {{ month_start(window_start()) }}
group by 1, 2, 3
