-- The version is a hash of every number and word of the row: change one, and later alerts say so.
select
    rules.rule_id,
    rules.effective_from,
    rules.effective_to,
    substr(
        md5(
            concat_ws(
                '|', rules.rule_id, rules.effective_from, rules.window_days, rules.baseline_windows,
                rules.baseline_minimum, rules.threshold, rules.minimum_sample, rules.cooldown_days, rules.mode
            )
        ),
        1,
        8
    ) as rule_version,
    rules.alert_family,
    {{ bilingual("families") }} as alert_family_label,
    rules.rule_zh || ' ' || rules.rule_en as rule_label,
    rules.subject_type,
    rules.metric,
    rules.unit,
    rules.window_days,
    rules.baseline_windows,
    rules.baseline_minimum,
    rules.threshold,
    rules.minimum_sample,
    rules.cooldown_days,
    rules.mode,
    rules.owner,
    rules.rationale
from {{ ref("alert_rules") }} as rules
{{
    label_join(
        "families", "alert_family", "rules.alert_family", "greatest(rules.effective_from, " ~ as_of_date() ~ ")"
    )
}}
