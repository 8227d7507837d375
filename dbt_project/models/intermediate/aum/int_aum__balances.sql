{{ config(materialized="view") }}

-- Balances delivered in the window, with what the account is. In a window run the day's own version counts.
with balances as (
    select * from {{ ref("stg_core_banking__balances") }}
    where delivered_on >= {{ window_start() }}
)

select
    balances.account_id,
    accounts.customer_id,
    accounts.currency,
    products.product_family,
    balances.delivered_on as balance_date,
    balances.balance_amount
from balances
inner join {{ ref("int_accounts__versions") }} as accounts
    on
        balances.account_id = accounts.account_id
        and balances.delivered_on >= accounts.valid_from
        and (balances.delivered_on < accounts.valid_to or accounts.valid_to is null)
inner join {{ ref("int_products__versions") }} as products
    on
        accounts.product_id = products.product_id
        and balances.delivered_on >= products.valid_from
        and (balances.delivered_on < products.valid_to or products.valid_to is null)
