{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_days('position_date') }}") }}

-- Foreign accounts are worth something else on every day with a new rate (convert, then average).
with foreign_balances as (
    select account_id, customer_id, currency, product_family, balance_date, balance_amount
    from {{ ref("int_aum__balances") }}
    where currency <> 'CNY'
    {% if is_incremental() %}
        union all
        select
            account_id,
            max_by(customer_id, position_date) as customer_id,
            max_by(currency, position_date) as currency,
            max_by(product_family, position_date) as product_family,
            max(position_date) as balance_date,
            max_by(balance_amount, position_date) as balance_amount
        from {{ this }}
        where currency <> 'CNY' and position_date < {{ window_start() }}
        group by account_id
    {% endif %}
),

foreign_intervals as (
    select
        *,
        lead(balance_date) over (partition by account_id order by balance_date) as next_balance_date
    from foreign_balances
),

revaluation_days as (
    select distinct currency, delivered_on as rate_date
    from {{ ref("stg_core_banking__fx_rates") }}
    where delivered_on >= {{ window_start() }}
),

foreign_positions as (
    select
        account_id,
        customer_id,
        currency,
        product_family,
        balance_date as position_date,
        balance_amount
    from foreign_intervals
    where balance_date >= {{ window_start() }}

    union

    select
        intervals.account_id,
        intervals.customer_id,
        intervals.currency,
        intervals.product_family,
        days.rate_date as position_date,
        intervals.balance_amount
    from foreign_intervals as intervals
    inner join revaluation_days as days
        on
            intervals.currency = days.currency
            and intervals.balance_date <= days.rate_date
            and (intervals.next_balance_date > days.rate_date or intervals.next_balance_date is null)
),

positions as (
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
        foreign_positions.account_id,
        foreign_positions.customer_id,
        foreign_positions.currency,
        foreign_positions.product_family,
        foreign_positions.position_date,
        foreign_positions.balance_amount,
        rates.mid_rate
    from foreign_positions
    left join {{ ref("int_fx__daily_rates") }} as rates
        on
            foreign_positions.currency = rates.currency
            and foreign_positions.position_date = rates.rate_date
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
