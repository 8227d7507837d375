select
    campaign_id,
    customer_id,
    arm,
    assigned_on as assigned_date,
    business_date as delivered_on
from {{ source("crm", "campaign_members") }}
where business_date <= {{ as_of_date() }}
