select
    entry_id,
    customer_id,
    entry_type,
    points,
    cast(occurred_at as date) as activity_date,
    business_date as delivered_on
from {{ source("crm", "points") }}
where business_date <= {{ as_of_date() }}
