select
    branch_id,
    branch_name,
    city,
    business_date as delivered_on
from {{ source("lake", "branches") }}
where business_date <= {{ as_of_date() }}
