select
    account_id,
    balance_amount,
    business_date as delivered_on
from {{ source("core_banking", "balances") }}
where business_date <= {{ as_of_date() }}
