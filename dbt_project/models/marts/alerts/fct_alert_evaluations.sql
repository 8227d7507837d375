-- Not evaluated is never clear: the status says why.
select
    rule_id,
    subject_type,
    subject_id,
    customer_id,
    evaluated_date as as_of_date,
    status,
    observed,
    baseline,
    comparison,
    limit_value,
    window_start_date,
    window_end_date,
    evidence_json
from {{ ref("int_alerts__verdicts") }}
where evaluated_date = {{ as_of_date() }}
