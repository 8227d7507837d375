select
    product_id,
    product_name,
    product_family,
    risk_grade,
    delivered_on as valid_from,
    lead(delivered_on) over (partition by product_id order by delivered_on) as valid_to
from {{ ref("stg_core_banking__products") }}
