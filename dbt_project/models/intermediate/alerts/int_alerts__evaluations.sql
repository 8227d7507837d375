{{ config(materialized="view") }}

-- Every rule that exists. A new alert is one model in alerts/, one row in seeds/policy/alert_rules.csv,
-- one unit test and its name here.
{% for rule in ["frequency_drop", "satisfaction_decline", "branch_satisfaction_decline"] %}
    select * from {{ ref("alert_" ~ rule) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
