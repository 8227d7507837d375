{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ replace_deliveries() }}",
    )
}}

{%- set groups = [
    "salary", "card_spend", "purchase", "same_name_in", "same_name_out", "transfer_in", "transfer_out",
    "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
] %}

select
    customer_id,
    activity_date,
    delivered_on,
    sum(transactions) as transactions,
    sum(case when is_active then effect else 0 end) as active_transactions,
    cast(sum(staged_amount) as decimal(24, 2)) as staged_amount,
    cast(coalesce(sum(amount_cny) filter (where is_active), 0) as decimal(18, 2)) as active_amount,
    cast(coalesce(sum(amount_cny) filter (where direction = 'in'), 0) as decimal(18, 2)) as inflow_amount,
    cast(coalesce(sum(amount_cny) filter (where direction = 'out'), 0) as decimal(18, 2)) as outflow_amount,
    {% for group in groups %}
        cast(
            coalesce(sum(amount_cny) filter (where transaction_group = '{{ group }}'), 0) as decimal(18, 2)
        ) as {{ group }}_amount,
    {% endfor %}
    sum(case when amount_cny is null then 1 else 0 end) as unconverted_transactions
from {{ ref("int_activity__movements") }}
group by customer_id, activity_date, delivered_on
