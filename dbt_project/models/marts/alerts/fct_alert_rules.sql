with rules as (
    select
        *,
        greatest(effective_from, {{ as_of_date() }}) as labelled_date
    from {{ ref("int_alerts__rule_versions") }}
)

select
    rules.rule_id,
    rules.effective_from,
    rules.effective_to,
    rules.rule_version,
    rules.alert_family,
    {{ bilingual("families") }} as alert_family_label,
    rules.rule_en || ' ' || rules.rule_zh as rule_label,
    rules.subject_type,
    rules.metric,
    rules.unit,
    rules.comparison,
    rules.pending_days,
    rules.cooldown_days,
    rules.mode,
    rules.owner,
    rules.rationale
from rules
{{ label_join("families", "alert_family", "rules.alert_family", "rules.labelled_date") }}
