{{ config(materialized="ephemeral") }}

-- What each delivered transaction adds to a customer's days. What reversals take away is int_reversals__days.
select
    movements.customer_id,
    movements.delivered_on,
    movements.activity_date,
    movements.amount as staged_amount,
    types.direction,
    types.is_active,
    types.transaction_group,
    {{ in_cny("movements.amount", "movements.currency", "rates.mid_rate") }} as amount_cny
from {{ ref("stg_core_banking__transactions") }} as movements
inner join {{ ref("transaction_types") }} as types
    on
        movements.transaction_type = types.transaction_type
        and {{ is_in_force("types", "movements.activity_date") }}
left join {{ ref("int_fx__daily_rates") }} as rates
    on
        movements.currency = rates.currency
        and movements.activity_date = rates.rate_date
where {{ in_changed_deliveries("movements.delivered_on") }}
