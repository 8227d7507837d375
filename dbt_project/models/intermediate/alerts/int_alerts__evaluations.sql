{{ config(materialized="view") }}

-- Every rule that exists. A new alert is one model in alerts/, one row in seeds/policy/alert_rules.csv,
-- one unit test and its name here.
{% for rule in ["frequency_drop", "satisfaction_decline", "branch_satisfaction_decline"] %}
    select
        rule_id,
        rule_effective_from,
        subject_type,
        subject_id,
        customer_id,
        evaluated_date,
        status,
        observed,
        baseline,
        threshold,
        window_start_date,
        window_end_date,
        evidence_json
    from {{ ref("alert_" ~ rule) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
