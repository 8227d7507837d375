-- A foreign balance counts on its day and on every day with a new rate, until the next one (convert, then average).
with last_before as (
    select
        account_id,
        max(balance_date) as balance_date
    from {{ ref("int_aum__foreign_balances") }}
    where balance_date < {{ window_start() }}
    group by account_id
),

balances as (
    select balances.*
    from {{ ref("int_aum__foreign_balances") }} as balances
    left join last_before
        on
            balances.account_id = last_before.account_id
            and balances.balance_date = last_before.balance_date
    where balances.balance_date >= {{ window_start() }} or last_before.account_id is not null
),

intervals as (
    select
        *,
        lead(balance_date) over (partition by account_id order by balance_date) as next_balance_date
    from balances
),

valuation_days as (
    select account_id, balance_date, balance_date as position_date
    from intervals
    where balance_date >= {{ window_start() }}

    union

    select
        intervals.account_id,
        intervals.balance_date,
        rates.delivered_on as position_date
    from intervals
    inner join {{ ref("stg_core_banking__fx_rates") }} as rates
        on
            intervals.currency = rates.currency
            and intervals.balance_date <= rates.delivered_on
            and (intervals.next_balance_date > rates.delivered_on or intervals.next_balance_date is null)
    where rates.delivered_on >= {{ window_start() }}
)

select
    intervals.account_id,
    intervals.customer_id,
    intervals.currency,
    intervals.product_family,
    valuation_days.position_date,
    intervals.balance_amount
from valuation_days
inner join intervals
    on
        valuation_days.account_id = intervals.account_id
        and valuation_days.balance_date = intervals.balance_date
