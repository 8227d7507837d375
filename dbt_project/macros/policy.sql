{#
    One row per snapshot date of this run, with each parameter of a topic as a typed column and the
    version of the set: a hash of the values in use. A parameter without a value on that date is an
    error, never a default.
    types: {parameter: SQL type}
#}
{% macro policy_as_of_snapshots(topic, types) -%}
    select
        snapshots.snapshot_date,
        {%- for parameter, type in types.items() %}
        cast(max(case when policy.parameter = '{{ parameter }}' then policy.value end) as {{ type }})
            as {{ parameter }},
        {%- endfor %}
        substr(
            md5(
                concat_ws(
                    '|'
                    {%- for parameter in types %},
                    max(case when policy.parameter = '{{ parameter }}' then policy.value end)
                    {%- endfor %}
                )
            ),
            1,
            8
        ) as policy_version
    from {{ ref("int_calendar__snapshots") }} as snapshots
    left join {{ ref("policy_parameters") }} as policy
        on
            policy.topic = '{{ topic }}'
            and {{ is_in_force("policy", "snapshots.snapshot_date") }}
    group by snapshots.snapshot_date
{%- endmacro %}

{% macro is_in_force(alias, date) -%}
    {{ date }} >= {{ alias }}.effective_from
    and ({{ date }} <= {{ alias }}.effective_to or {{ alias }}.effective_to is null)
{%- endmacro %}

{# A code's wording for dashboards: English, then Chinese. #}
{% macro bilingual(alias) -%}
    {{ alias }}.label_en || ' ' || {{ alias }}.label_zh
{%- endmacro %}

{# The wording of a code on a date, as a join; select it with bilingual(alias). #}
{% macro label_join(alias, vocabulary, code, date) -%}
    left join {{ ref("labels") }} as {{ alias }}
        on
            {{ alias }}.vocabulary = '{{ vocabulary }}'
            and {{ code }} = {{ alias }}.code
            and {{ is_in_force(alias, date) }}
{%- endmacro %}

{# One number of policy as a join, in force on a date. #}
{% macro parameter_join(alias, topic, parameter, date) -%}
    left join {{ ref("policy_parameters") }} as {{ alias }}
        on
            {{ alias }}.topic = '{{ topic }}'
            and {{ alias }}.parameter = '{{ parameter }}'
            and {{ is_in_force(alias, date) }}
{%- endmacro %}

{# Whether "observed comparison limit" holds, the comparison being a value of the row. #}
{% macro holds(observed, comparison, limit) -%}
    case {{ comparison }}
        when '<' then {{ observed }} < {{ limit }}
        when '<=' then {{ observed }} <= {{ limit }}
        when '=' then {{ observed }} = {{ limit }}
        when '>=' then {{ observed }} >= {{ limit }}
        when '>' then {{ observed }} > {{ limit }}
    end
{%- endmacro %}
