-- The first rule by rank that holds decides, and is kept with the value it saw. A policy ends with a rule that always
-- holds, so everybody is decided about once.
with rules as (
    select * from {{ ref("int_classes__rules") }}
),

holding as (
    select
        measures.customer_id,
        measures.snapshot_date,
        measures.customer_type,
        measures.measured_value,
        rules.classification,
        rules.rule_rank
    from {{ ref("int_classes__measures") }} as measures
    inner join rules
        on
            measures.snapshot_date = rules.snapshot_date
            and measures.customer_type = rules.customer_type
            and measures.measure = rules.measure
    where {{ holds("measures.measured_value", "rules.comparison", "rules.limit_value") }}
),

decided as (
    select
        customer_id,
        snapshot_date,
        customer_type,
        classification,
        min(rule_rank) as rule_rank,
        min_by(measured_value, rule_rank) as measured_value
    from holding
    group by customer_id, snapshot_date, customer_type, classification
)

select
    decided.customer_id,
    decided.snapshot_date,
    decided.classification,
    rules.policy,
    rules.class,
    rules.reason,
    rules.measure as deciding_measure,
    rules.comparison as deciding_comparison,
    decided.measured_value as deciding_value,
    rules.limit_value as deciding_limit,
    rules.policy_version
from decided
inner join rules
    on
        decided.snapshot_date = rules.snapshot_date
        and decided.classification = rules.classification
        and decided.customer_type = rules.customer_type
        and decided.rule_rank = rules.rule_rank
