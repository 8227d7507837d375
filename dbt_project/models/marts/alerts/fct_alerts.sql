-- One row per episode. The identifier depends on subject, rule and first day only, so a run again gives the same.
with episodes as (
    select * from {{ ref("int_alerts__episodes") }}
),

rules as (
    select * from {{ ref("fct_alert_rules") }}
),

customers as (
    select * from {{ ref("dim_customers") }}
),

branches as (
    select * from {{ ref("int_branches__snapshots") }}
    where snapshot_date = {{ as_of_date() }}
),

described as (
    select
        episodes.*,
        case when episodes.last_fired_date = {{ as_of_date() }} then 'firing' else 'cleared' end as state,
        rules.rule_version,
        rules.alert_family,
        rules.alert_family_label,
        rules.rule_label,
        rules.metric,
        rules.unit,
        rules.mode
    from episodes
    inner join rules
        on
            episodes.rule_id = rules.rule_id
            and episodes.rule_effective_from = rules.effective_from
)

select
    md5(described.subject_id || '|' || described.rule_id || '|' || cast(described.fired_date as varchar)) as alert_id,
    described.rule_id,
    described.rule_version,
    described.alert_family,
    described.alert_family_label,
    described.rule_label,
    described.subject_type,
    described.subject_id,
    described.customer_id,
    described.fired_date,
    described.last_fired_date,
    {{ as_of_date() }} as as_of_date,
    cast(described.firing_days as integer) as firing_days,
    described.metric,
    described.observed,
    described.baseline,
    described.threshold,
    described.unit,
    described.window_start_date,
    described.window_end_date,
    described.evidence_json,
    described.state,
    {{ bilingual("states") }} as state_label,
    described.cooldown_until_date,
    described.mode,
    customers.customer_type,
    customers.customer_type_label,
    coalesce(customers.branch_id, case when described.subject_type = 'branch' then described.subject_id end)
        as branch_id,
    coalesce(customers.branch_name, branches.branch_name) as branch_name,
    customers.tier,
    customers.tier_label
from described
left join customers on described.customer_id = customers.customer_id
left join branches
    on
        described.subject_type = 'branch'
        and described.subject_id = branches.branch_id
{{ label_join("states", "alert_state", "described.state", as_of_date()) }}
