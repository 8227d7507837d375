{{ config(meta={"dagster": {"ref": {"name": "int_alerts__verdicts"}}}) }}

-- Verdicts are the index of the day, no row more or less: nobody is forgotten, and nobody is judged who should not be.
with expected as (
    select
        rule_id,
        subject_id
    from {{ ref("int_alerts__index") }}
    where last_date = {{ as_of_date() }}
),

told as (
    select
        rule_id,
        subject_id
    from {{ ref("int_alerts__verdicts") }}
    where evaluated_date = {{ as_of_date() }}
)

select
    coalesce(expected.rule_id, told.rule_id) as rule_id,
    coalesce(expected.subject_id, told.subject_id) as subject_id,
    case when told.rule_id is null then 'no verdict' else 'not in the index' end as problem
from expected
full outer join told
    on
        expected.rule_id = told.rule_id
        and expected.subject_id = told.subject_id
where expected.rule_id is null or told.rule_id is null
