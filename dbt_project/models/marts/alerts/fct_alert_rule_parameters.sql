select
    rule_id,
    rule_effective_from as effective_from,
    parameter,
    coalesce(argument, '*') as argument,
    value as parameter_value,
    unit,
    owner,
    rationale
from {{ ref("int_alerts__parameters") }}
