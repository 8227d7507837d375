select
    product_id,
    product_name,
    product_family,
    risk_grade,
    business_date as delivered_on
from {{ source("lake", "products") }}
where business_date <= {{ as_of_date() }}
