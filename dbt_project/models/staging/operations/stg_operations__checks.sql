select
    refresh_id,
    checked_at,
    gate,
    entity,
    check_name,
    business_date,
    status,
    severity,
    observed,
    expected
from {{ source("operations", "checks") }}
