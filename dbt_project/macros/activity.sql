{# The groups of transactions that have an amount of their own per customer and month. #}
{% macro transaction_groups() -%}
    {{ return([
        "salary", "card_spend", "same_name_in", "same_name_out", "transfer_in", "transfer_out",
        "refund", "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
    ]) }}
{%- endmacro %}
