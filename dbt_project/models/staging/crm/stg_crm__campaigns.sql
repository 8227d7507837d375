select
    campaign_id,
    campaign_name,
    campaign_type,
    starts_on as starts_date,
    ends_on as ends_date,
    business_date as delivered_on
from {{ source("crm", "campaigns") }}
where business_date <= {{ as_of_date() }}
