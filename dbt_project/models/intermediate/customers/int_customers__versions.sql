-- A delivered row is valid from its delivery until the customer's next one.
select
    customers.*,
    customers.delivered_on as valid_from,
    lead(customers.delivered_on) over (partition by customers.customer_id order by customers.delivered_on) as valid_to,
    lag(customers.delivered_on) over (partition by customers.customer_id order by customers.delivered_on) is null
        as is_first_version
from {{ ref("stg_core_banking__customers") }} as customers
