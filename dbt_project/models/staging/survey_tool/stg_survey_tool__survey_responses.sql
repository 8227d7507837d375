select
    response_id,
    customer_id,
    survey_kind,
    wave_id,
    metric,
    score,
    cast(sent_at as date) as sent_date,
    cast(answered_at as date) as answered_date,
    answered_at as answered_local_at,
    touchpoint,
    mode,
    branch_id,
    business_date as delivered_on
from {{ source("lake", "survey_responses") }}
where business_date <= {{ as_of_date() }}
