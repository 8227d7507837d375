{#
    The versions of a rule in force on some day of this run on or after the go-live of alerting,
    with the days on which each is evaluated.
#}
{% macro rule_in_window(rule_id) -%}
    select
        rules.*,
        greatest(rules.effective_from, alerts_from.date, {{ window_start() }}) as first_date,
        least(coalesce(rules.effective_to, {{ as_of_date() }}), {{ as_of_date() }}) as last_date
    from {{ ref("alert_rules") }} as rules
    cross join (
        select cast(value as date) as date
        from {{ ref("policy_parameters") }} as policy
        where
            policy.topic = 'alerts'
            and policy.parameter = 'alerts_from'
            and {{ is_in_force("policy", as_of_date()) }}
    ) as alerts_from
    where
        rules.rule_id = '{{ rule_id }}'
        and greatest(rules.effective_from, alerts_from.date, {{ window_start() }})
        <= least(coalesce(rules.effective_to, {{ as_of_date() }}), {{ as_of_date() }})
{%- endmacro %}

{# A JSON object from {key: SQL expression}; text is quoted, null stays null. #}
{% macro evidence(numbers, texts={}) -%}
    '{'
    {%- for key, expression in numbers.items() %}
    || '"{{ key }}": ' || coalesce(cast({{ expression }} as varchar), 'null')
    {%- if not loop.last or texts %} || ', '{% endif %}
    {%- endfor %}
    {%- for key, expression in texts.items() %}
    || '"{{ key }}": ' || coalesce('"' || cast({{ expression }} as varchar) || '"', 'null')
    {%- if not loop.last %} || ', '{% endif %}
    {%- endfor %}
    || '}'
{%- endmacro %}

{# Whether the bank, on the day of a row, did not know the customer to have left; who comes back is one again. #}
{% macro is_still_customer(rows) -%}
    not exists (
        select 1 from {{ ref("int_customers__versions") }} as versions
        where
            versions.customer_id = {{ rows }}.customer_id
            and versions.closed_date <= {{ rows }}.evaluated_date
            and versions.valid_from <= {{ rows }}.evaluated_date
            and (versions.valid_to > {{ rows }}.evaluated_date or versions.valid_to is null)
    )
{%- endmacro %}
