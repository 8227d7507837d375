-- A rule has a new version on each day on which its row or one of its parameters changes. The version's
-- hash covers every number and word of the rule, every parameter and the SQL of its model.
with changes as (
    select
        rule_id,
        effective_from as changed_date
    from {{ ref("alert_rules") }}

    union distinct

    select
        rule_id,
        effective_from as changed_date
    from {{ ref("alert_rule_parameters") }}
),

periods as (
    select
        rules.*,
        changes.changed_date,
        {{ add_days("lead(changes.changed_date) over (partition by rules.rule_id order by changes.changed_date)", -1) }}
            as unchanged_to
    from changes
    inner join {{ ref("alert_rules") }} as rules
        on
            changes.rule_id = rules.rule_id
            and {{ is_in_force("rules", "changes.changed_date") }}
),

numbers as (
    select
        periods.rule_id,
        periods.changed_date,
        max(case when numbers.parameter = 'pending_days' then numbers.value end) as pending_days,
        max(case when numbers.parameter = 'cooldown_days' then numbers.value end) as cooldown_days,
        {{
            joined_text(
                "concat_ws('=', numbers.parameter, numbers.argument, numbers.value)",
                "numbers.parameter, numbers.argument",
            )
        }} as parameters_text
    from periods
    inner join {{ ref("alert_rule_parameters") }} as numbers
        on
            periods.rule_id = numbers.rule_id
            and {{ is_in_force("numbers", "periods.changed_date") }}
    group by periods.rule_id, periods.changed_date
),

alerting as (
    select cast(policy.value as date) as starts_date
    from {{ ref("policy_parameters") }} as policy
    where
        policy.topic = 'alerts'
        and policy.parameter = 'alerts_from'
        and {{ is_in_force("policy", as_of_date()) }}
),

versions as (
    select
        periods.*,
        periods.changed_date as version_from,
        least(periods.unchanged_to, periods.effective_to) as version_to,
        cast(numbers.pending_days as integer) as pending_days,
        cast(numbers.cooldown_days as integer) as cooldown_days,
        numbers.parameters_text,
        {{ rule_sql_hash("periods.rule_id") }} as sql_hash
    from periods
    inner join numbers
        on
            periods.rule_id = numbers.rule_id
            and periods.changed_date = numbers.changed_date
)

select
    versions.rule_id,
    versions.version_from as effective_from,
    versions.version_to as effective_to,
    substr(
        md5(
            concat_ws(
                '|', versions.rule_id, versions.subject_type, versions.metric, versions.unit, versions.comparison,
                versions.mode, versions.parameters_text, versions.sql_hash
            )
        ),
        1,
        8
    ) as rule_version,
    versions.alert_family,
    versions.rule_zh,
    versions.rule_en,
    versions.subject_type,
    versions.metric,
    versions.unit,
    versions.comparison,
    versions.pending_days,
    versions.cooldown_days,
    versions.mode,
    versions.owner,
    versions.rationale,
    -- The days of this run on which it is evaluated; none where the first lies after the last.
    greatest(versions.version_from, alerting.starts_date, {{ window_start() }}) as first_date,
    least(coalesce(versions.version_to, {{ as_of_date() }}), {{ as_of_date() }}) as last_date
from versions
cross join alerting
