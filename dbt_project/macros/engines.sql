{# What the engines spell differently. Models use these names only, so that they build on both. #}

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

{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch("add_months")(date, months)) }}
{%- endmacro %}
{% macro default__add_months(date, months) -%}
    cast({{ date }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
{% macro spark__add_months(date, months) -%}
    add_months({{ date }}, cast({{ months }} as int))
{%- endmacro %}

{% macro month_start(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}

{# Months since year 0: differences count calendar months. #}
{% macro month_number(date) -%}
    cast(year({{ date }}) * 12 + month({{ date }}) as integer)
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

{% macro whole_quotient(numerator, denominator) -%}
    {{ return(adapter.dispatch("whole_quotient")(numerator, denominator)) }}
{%- endmacro %}
{# Of a decimal, // is a division in floating point: only whole-number types divide exactly. #}
{% macro default__whole_quotient(numerator, denominator) -%}
    (cast({{ numerator }} as hugeint) // ({{ denominator }}))
{%- endmacro %}
{% macro spark__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) div ({{ denominator }}))
{%- endmacro %}

{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}

{#
    A sum of money divided by a whole number, rounded half away from zero to the cent, in whole
    numbers throughout: division in floating point would round ties either way.
#}
{% macro average_amount(sum, count) -%}
    cast(
        sign({{ sum }})
        * cast(
            {{
                whole_quotient(
                    "2 * cast(abs(cast(" ~ sum ~ " as decimal(26, 2))) * 100 as decimal(38, 0)) + (" ~ count ~ ")",
                    "2 * (" ~ count ~ ")"
                )
            }}
            as decimal(30, 0)
        )
        * cast(0.01 as decimal(2, 2))
        as decimal(18, 2)
    )
{%- endmacro %}

{% macro datediff_seconds(earlier, later) -%}
    {{ return(adapter.dispatch("datediff_seconds")(earlier, later)) }}
{%- endmacro %}
{% macro default__datediff_seconds(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}
{% macro spark__datediff_seconds(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro %}

{# An amount in CNY. The wider type keeps the product of two 18-digit decimals exact. #}
{% macro convert(amount, rate) -%}
    cast(cast({{ amount }} as decimal(20, 2)) * {{ rate }} as decimal(18, 2))
{%- endmacro %}

{# The values of a group as one text, in their own order. #}
{% macro sorted_list(text) -%}
    {{ return(adapter.dispatch("sorted_list")(text)) }}
{%- endmacro %}
{% macro default__sorted_list(text) -%}
    array_to_string(list_sort(list({{ text }})), '|')
{%- endmacro %}
{% macro spark__sorted_list(text) -%}
    array_join(array_sort(collect_list({{ text }})), '|')
{%- endmacro %}
