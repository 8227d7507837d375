-- A column that a delivery did not have keeps what was known (D-53).
with versions as (
    {{ known_versions(
        versions=ref("stg_core_banking__accounts"),
        key="account_id",
        required=["customer_id", "product_id", "opened_date"],
        kept={"currency": "currency", "closed_date": "closed_on"},
    ) }}
)

select
    account_id,
    customer_id,
    product_id,
    coalesce(currency, 'CNY') as currency,
    opened_date,
    closed_date,
    delivered_on,
    delivered_on as valid_from,
    lead(delivered_on) over (partition by account_id order by delivered_on) as valid_to
from versions
