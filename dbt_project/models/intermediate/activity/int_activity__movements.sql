{{ config(materialized="ephemeral") }}

-- What each delivered transaction adds to a customer's days. A reversal adds nothing of its own; it
-- takes away what the reversed transaction had added, on the day on which that had happened.
with reversed as (
    select
        reversals.customer_id,
        reversals.delivered_on,
        reversals.currency,
        reversals.amount,
        originals.activity_date,
        originals.transaction_type
    from {{ ref("stg_core_banking__transactions") }} as reversals
    inner join {{ ref("stg_core_banking__transactions") }} as originals
        on
            reversals.reversal_of = originals.transaction_id
            and reversals.delivered_on >= originals.delivered_on
    where
        {{ in_changed_deliveries("reversals.delivered_on") }}
        and reversals.transaction_type = 'reversal'
        and reversals.reversal_of is not null
),

rows_and_effects as (
    select
        customer_id, delivered_on, activity_date, transaction_type, currency, amount,
        1 as transactions, amount as staged_amount, 1 as effect
    from {{ ref("stg_core_banking__transactions") }}
    where {{ in_changed_deliveries("delivered_on") }}

    union all

    select
        customer_id, delivered_on, activity_date, transaction_type, currency, amount,
        0 as transactions, 0 as staged_amount, -1 as effect
    from reversed
)

select
    movements.customer_id,
    movements.delivered_on,
    movements.activity_date,
    movements.transactions,
    movements.staged_amount,
    movements.effect,
    types.direction,
    types.is_active,
    types.transaction_group,
    case
        when movements.currency = 'CNY' then movements.amount
        else {{ convert("movements.amount", "rates.mid_rate") }}
    end * movements.effect as amount_cny
from rows_and_effects as movements
inner join {{ ref("transaction_types") }} as types
    on
        movements.transaction_type = types.transaction_type
        and {{ is_in_force("types", "movements.activity_date") }}
left join {{ ref("int_fx__daily_rates") }} as rates
    on
        movements.currency = rates.currency
        and movements.activity_date = rates.rate_date
