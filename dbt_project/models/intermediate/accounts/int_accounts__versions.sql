select
    accounts.*,
    accounts.delivered_on as valid_from,
    lead(accounts.delivered_on) over (partition by accounts.account_id order by accounts.delivered_on) as valid_to
from {{ ref("stg_core_banking__accounts") }} as accounts
