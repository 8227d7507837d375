{{ config(materialized="view") }}

-- What the rules say, each by its name: a new rule is added here.
{% for rule in ["frequency_drop", "satisfaction_decline", "branch_satisfaction_decline"] %}
    select
        '{{ rule }}' as rule_id,
        rule_effective_from,
        subject_id,
        starts_date,
        ends_date,
        undecided_status,
        observed,
        baseline,
        limit_value,
        preference,
        window_start_date,
        window_end_date,
        window_days,
        evidence_json
    from {{ ref("alert_" ~ rule) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
