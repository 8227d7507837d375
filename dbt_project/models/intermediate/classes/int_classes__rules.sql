-- The rules in force on each snapshot of this run; the version is a hash of all rules of the policy on that day.
with rules as (
    select
        snapshots.snapshot_date,
        rules.*
    from {{ ref("int_calendar__snapshots") }} as snapshots
    inner join {{ ref("classification_rules") }} as rules on {{ is_in_force("rules", "snapshots.snapshot_date") }}
),

written as (
    select
        snapshot_date,
        classification,
        customer_type,
        rule_rank,
        concat_ws('|', policy, rule_rank, class, reason, measure, comparison, limit_value) as rule_text
    from rules
),

versions as (
    select
        snapshot_date,
        classification,
        customer_type,
        substr(md5({{ joined_text("rule_text", "rule_rank") }}), 1, 8) as policy_version
    from written
    group by snapshot_date, classification, customer_type
)

select
    rules.snapshot_date,
    rules.classification,
    rules.policy,
    rules.customer_type,
    rules.rule_rank,
    rules.class,
    rules.reason,
    rules.measure,
    rules.comparison,
    rules.limit_value,
    versions.policy_version
from rules
inner join versions
    on
        rules.snapshot_date = versions.snapshot_date
        and rules.classification = versions.classification
        and rules.customer_type = versions.customer_type
