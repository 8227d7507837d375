{{ config(materialized="incremental", meta={"replaces": "deliveries"}) }}

-- Needed as a whole every day, so the warehouse keeps it and a run opens only its own deliveries' files (D-10).
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
    absent_columns,
    business_date as delivered_on
from {{ source("survey_tool", "survey_responses") }}
where
    business_date <= {{ as_of_date() }}
    and {{ in_changed_deliveries("business_date") }}
