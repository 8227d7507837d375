select
    versions.rule_id,
    versions.effective_from as rule_effective_from,
    numbers.parameter,
    numbers.argument,
    numbers.value,
    numbers.unit,
    numbers.owner,
    numbers.rationale
from {{ ref("int_alerts__rule_versions") }} as versions
inner join {{ ref("alert_rule_parameters") }} as numbers
    on
        versions.rule_id = numbers.rule_id
        and {{ is_in_force("numbers", "versions.effective_from") }}
