-- A rule has a new version on each day on which its row or one of its parameters changes.
with changes as (
    select
        rule_id,
        effective_from as changed_date
    from {{ ref("alert_rules") }}

    union distinct

    select
        rule_id,
        effective_from as changed_date
    from {{ ref("alert_rule_parameters") }}
),

periods as (
    select
        rules.*,
        changes.changed_date,
        lead(changes.changed_date) over (partition by rules.rule_id order by changes.changed_date) as next_changed_date
    from changes
    inner join {{ ref("alert_rules") }} as rules
        on
            changes.rule_id = rules.rule_id
            and {{ is_in_force("rules", "changes.changed_date") }}
)

select
    rule_id,
    changed_date as effective_from,
    least({{ add_days("next_changed_date", -1) }}, effective_to) as effective_to,
    alert_family,
    rule_zh,
    rule_en,
    subject_type,
    metric,
    unit,
    comparison,
    mode,
    owner,
    rationale
from periods
