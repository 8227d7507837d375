{# Days and months, where engines spell them differently. Models use these names only. #}

{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch("days_between")(earlier, later)) }}
{%- endmacro %}
{% macro default__days_between(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}
{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch("add_days")(date, days)) }}
{%- endmacro %}
{% macro default__add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}
{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as int))
{%- endmacro %}

{% macro sub_days(date, days) -%}
    {{ return(adapter.dispatch("sub_days")(date, days)) }}
{%- endmacro %}
{% macro default__sub_days(date, days) -%}
    ({{ date }} - cast({{ days }} as integer))
{%- endmacro %}
{% macro spark__sub_days(date, days) -%}
    date_sub({{ date }}, cast({{ days }} as int))
{%- endmacro %}

{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch("add_months")(date, months)) }}
{%- endmacro %}
{% macro default__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}

{% macro sub_months(date, months) -%}
    {{ return(adapter.dispatch("sub_months")(date, months)) }}
{%- endmacro %}
{% macro default__sub_months(date, months) -%}
    cast({{ date }} - to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
{% macro spark__sub_months(date, months) -%}
    add_months({{ date }}, -cast({{ months }} as int))
{%- endmacro %}

{% macro month_start(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}

{# Months since year 0: differences count calendar months. #}
{% macro month_number(date) -%}
    cast(year({{ date }}) * 12 + month({{ date }}) as integer)
{%- endmacro %}

{# A month as people write it, 2025-06. #}
{% macro month_label(date) -%}
    substr(cast({{ date }} as varchar), 1, 7)
{%- endmacro %}

{# One row per day of the closed interval, in a column named day. #}
{% macro each_day(first, last) -%}
    {{ return(adapter.dispatch("each_day")(first, last)) }}
{%- endmacro %}
{% macro default__each_day(first, last) -%}
    unnest(cast(generate_series({{ first }}, {{ last }}, interval 1 day) as date []))
{%- endmacro %}
{% macro spark__each_day(first, last) -%}
    explode(sequence({{ first }}, {{ last }}, interval 1 day))
{%- endmacro %}
