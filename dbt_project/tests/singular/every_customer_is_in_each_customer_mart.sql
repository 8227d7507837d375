{{ config(meta={"dagster": {"ref": {"name": "dim_customers"}}}) }}

-- Customers in = customers in each customer mart: an inner join that loses somebody shows here.
{%- set marts = ["fct_customer_months", "fct_customer_rfm", "fct_customer_tiers", "fct_customer_lifecycle"] %}

with known as (
    select count(distinct customer_id) as customers
    from {{ ref("stg_core_banking__customers") }}
),

counted as (
    select
        'dim_customers' as mart,
        count(*) as customers
    from {{ ref("dim_customers") }}
    {% for mart in marts %}
        union all

        select
            '{{ mart }}' as mart,
            count(*) as customers
        from {{ ref(mart) }}
        where snapshot_date = {{ as_of_date() }}
    {% endfor %}
)

select
    counted.mart,
    counted.customers,
    known.customers as known_customers
from counted
cross join known
where counted.customers <> known.customers
