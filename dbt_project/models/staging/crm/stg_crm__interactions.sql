select
    interaction_id,
    customer_id,
    interaction_type,
    employee_id,
    cast(occurred_at as date) as activity_date,
    business_date as delivered_on
from {{ source("crm", "interactions") }}
where business_date <= {{ as_of_date() }}
