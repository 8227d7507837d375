{#
    The versions of a rule that this run evaluates, one row each with the days on which it does and its
    parameters as typed columns. A parameter that depends on something (its argument) is read from
    int_alerts__parameters.
    types: {parameter: SQL type}
#}
{% macro rule(rule_id, types) -%}
    select
        versions.effective_from,
        versions.first_date,
        versions.last_date,
        {%- for parameter, type in types.items() %}
        cast(max(case when numbers.parameter = '{{ parameter }}' then numbers.value end) as {{ type }})
            as {{ parameter }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ ref("int_alerts__rule_versions") }} as versions
    left join {{ ref("int_alerts__parameters") }} as numbers
        on
            versions.rule_id = numbers.rule_id
            and versions.effective_from = numbers.rule_effective_from
            and numbers.argument is null
    where versions.rule_id = '{{ rule_id }}' and versions.first_date <= versions.last_date
    group by versions.effective_from, versions.first_date, versions.last_date
{%- endmacro %}

{#
    A hash of the SQL that evaluates a rule, whatever its spaces: its model and the models about alerts that it reads.
    dbt's unit tests have no graph, so no hash.
#}
{% macro rule_sql_hash(rule_id) -%}
    {%- set nodes = graph.get("nodes", {}) -%}
    case {{ rule_id }}
        {%- for node in nodes.values() if node.resource_type == "model" and node.name.startswith("alert_") %}
            {%- set read = [node] %}
            {%- for name in node.depends_on.nodes | sort if name in nodes and "alerts" in nodes[name].fqn %}
                {%- do read.append(nodes[name]) %}
            {%- endfor %}
            when '{{ node.name.removeprefix("alert_") }}'
                then '{{ local_md5((read | map(attribute="raw_code") | join(" ")).split() | join(" ")) }}'
        {%- endfor %}
        when null then null
    end
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
