-- The hash of a version covers what the rule's row decides, every parameter and the SQL that evaluates it.
with in_force as (
    select
        periods.rule_id,
        periods.effective_from,
        numbers.parameter,
        numbers.argument,
        numbers.value as parameter_value,
        concat_ws('=', numbers.parameter, numbers.argument, numbers.value) as parameter_text
    from {{ ref("int_alerts__rule_periods") }} as periods
    inner join {{ ref("alert_rule_parameters") }} as numbers
        on
            periods.rule_id = numbers.rule_id
            and {{ is_in_force("numbers", "periods.effective_from") }}
),

numbers as (
    select
        rule_id,
        effective_from,
        cast(max(case when parameter = 'pending_days' then parameter_value end) as integer) as pending_days,
        cast(max(case when parameter = 'cooldown_days' then parameter_value end) as integer) as cooldown_days,
        {{ joined_text("parameter_text", "parameter_text") }} as parameters_text
    from in_force
    group by rule_id, effective_from
),

alerting as (
    select cast(policy.value as date) as starts_date
    from {{ ref("policy_parameters") }} as policy
    where
        policy.topic = 'alerts'
        and policy.parameter = 'alerts_from'
        and {{ is_in_force("policy", as_of_date()) }}
)

select
    periods.*,
    numbers.pending_days,
    numbers.cooldown_days,
    substr(
        md5(
            concat_ws(
                '|', periods.rule_id, periods.subject_type, periods.metric, periods.unit, periods.comparison,
                periods.mode, numbers.parameters_text, {{ rule_sql_hash("periods.rule_id") }}
            )
        ),
        1,
        8
    ) as rule_version,
    -- The days of this run on which it is evaluated; none where the first lies after the last.
    greatest(periods.effective_from, alerting.starts_date, {{ window_start() }}) as first_date,
    least(coalesce(periods.effective_to, {{ as_of_date() }}), {{ as_of_date() }}) as last_date
from {{ ref("int_alerts__rule_periods") }} as periods
inner join numbers
    on
        periods.rule_id = numbers.rule_id
        and periods.effective_from = numbers.effective_from
cross join alerting
