-- A delivered row is valid from its delivery until the customer's next one.
select
    customers.*,
    delivered_on as valid_from,
    lead(delivered_on) over (partition by customer_id order by delivered_on) as valid_to
from {{ ref("stg_core_banking__customers") }} as customers
