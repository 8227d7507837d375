{{ config(meta={"dagster": {"ref": {"name": "fct_alert_evaluations"}}}) }}

-- Who reads a row can see why: "observed comparison limit" holds where the rule fires, and nowhere else. What was not
-- compared has no limit; clear is only what was compared.
with verdicts as (
    select
        rule_id, subject_id, status,
        {{ holds("observed", "comparison", "limit_value") }} as is_beyond
    from {{ ref("int_alerts__verdicts") }}

    union all

    select
        rule_id, subject_id, 'firing' as status,
        {{ holds("observed", "comparison", "limit_value") }} as is_beyond
    from {{ ref("fct_alerts") }}
    where fired_date >= {{ window_start() }}
)

select
    rule_id,
    subject_id,
    status,
    is_beyond
from verdicts
where
    case
        when status = 'firing' then is_beyond is distinct from true
        when status = 'clear' then is_beyond is distinct from false
        else is_beyond is not null
    end
