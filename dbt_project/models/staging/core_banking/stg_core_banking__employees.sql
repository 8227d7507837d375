select
    employee_id,
    branch_id,
    job_level,
    business_date as delivered_on
from {{ source("core_banking", "employees") }}
where business_date <= {{ as_of_date() }}
