{{ config(materialized="incremental", meta={"replaces": "days", "by": "position_date"}) }}

with positions as (
    select
        account_id,
        customer_id,
        currency,
        product_family,
        balance_date as position_date,
        balance_amount,
        cast(1 as decimal(18, 8)) as mid_rate
    from {{ ref("int_aum__balances") }}
    where currency = 'CNY'

    union all

    select
        positions.account_id,
        positions.customer_id,
        positions.currency,
        positions.product_family,
        positions.position_date,
        positions.balance_amount,
        rates.mid_rate
    from {{ ref("int_aum__foreign_positions") }} as positions
    left join {{ ref("int_fx__daily_rates") }} as rates
        on
            positions.currency = rates.currency
            and positions.position_date = rates.rate_date
)

select
    account_id,
    customer_id,
    currency,
    product_family,
    position_date,
    balance_amount,
    {{ convert("balance_amount", "mid_rate") }} as amount_cny
from positions
