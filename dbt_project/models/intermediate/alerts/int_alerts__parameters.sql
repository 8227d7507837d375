{{ config(materialized="view") }}

select
    versions.rule_id,
    versions.effective_from as rule_effective_from,
    parameters.parameter,
    parameters.argument,
    parameters.value,
    parameters.unit,
    parameters.owner,
    parameters.rationale
from {{ ref("int_alerts__rule_versions") }} as versions
inner join {{ ref("alert_rule_parameters") }} as parameters
    on
        versions.rule_id = parameters.rule_id
        and {{ is_in_force("parameters", "versions.effective_from") }}
