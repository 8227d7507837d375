{#
    The one clock: first and last day that a refresh computes, and the ranges of deliveries it replaces. It comes from
    the Dagster partitions of the refresh; no model reads the wall clock. It is handed over in the environment, since
    other --vars than yesterday's have dbt parse the whole project again. Unit tests and the linter set variables.
#}
{% macro refreshed(name) -%}
    {%- if var(name, none) is not none -%}
        {{ return(var(name)) }}
    {%- elif execute -%}
        {{ return(fromjson(env_var("DBT_REFRESHED"))[name]) }}
    {%- else -%}
        {# Parsing needs a value of the right kind, and keeps none. #}
        {{ return([] if name == "deliveries" else "2000-01-31") }}
    {%- endif -%}
{%- endmacro %}

{% macro as_of_date() -%}
    cast('{{ refreshed("as_of_date") }}' as date)
{%- endmacro %}

{% macro window_start() -%}
    cast('{{ refreshed("window_start") }}' as date)
{%- endmacro %}

{# Snapshot dates of this run: the month-ends inside the window, and its last day. #}
{% macro snapshot_dates() -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- set first = modules.datetime.date.fromisoformat(refreshed("window_start")) -%}
    {%- set last = modules.datetime.date.fromisoformat(refreshed("as_of_date")) -%}
    {%- set found = [] -%}
    {%- for offset in range((last - first).days + 1) -%}
        {%- set date = first + day * offset -%}
        {%- if (date + day).day == 1 or date == last -%}
            {%- do found.append(date.isoformat()) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Rows whose delivery this run loads again or for the first time. #}
{% macro in_changed_deliveries(column) -%}
    (
    {%- for first, last in refreshed("deliveries") %}
        {{ column }} between cast('{{ first }}' as date) and cast('{{ last }}' as date)
        {%- if not loop.last %} or{% endif %}
    {%- endfor %}
    )
{%- endmacro %}

{% macro bank_time_zone() -%}
    (
        select value
        from {{ ref("policy_parameters") }}
        where
            topic = 'refresh'
            and parameter = 'time_zone'
            and {{ as_of_date() }} >= effective_from
            and ({{ as_of_date() }} <= effective_to or effective_to is null)
    )
{%- endmacro %}

{#
    Whether a version of a customer (int_customers__versions) is the one that was known on a date; before the first
    delivery the first one counts. A fact tells the customer of its own day, not the latest.
#}
{% macro is_version_of(versions, date) -%}
    ({{ versions }}.valid_from <= {{ date }} or {{ versions }}.is_first_version)
    and ({{ versions }}.valid_to > {{ date }} or {{ versions }}.valid_to is null)
{%- endmacro %}
