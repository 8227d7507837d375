select
    currency,
    mid_rate,
    business_date as delivered_on
from {{ source("lake", "fx_rates") }}
where business_date <= {{ as_of_date() }}
