select
    accounts.*,
    delivered_on as valid_from,
    lead(delivered_on) over (partition by account_id order by delivered_on) as valid_to
from {{ ref("stg_core_banking__accounts") }} as accounts
