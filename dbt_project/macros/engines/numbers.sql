{# Exact arithmetic, where engines spell or compute it differently. #}

{# Of a decimal, // is a division in floating point: only whole-number types divide exactly. #}
{% macro whole_quotient(numerator, denominator) -%}
    {{ return(adapter.dispatch("whole_quotient")(numerator, denominator)) }}
{%- endmacro %}
{% macro default__whole_quotient(numerator, denominator) -%}
    (cast({{ numerator }} as hugeint) // ({{ denominator }}))
{%- endmacro %}
{% macro spark__whole_quotient(numerator, denominator) -%}
    (({{ numerator }}) div ({{ denominator }}))
{%- endmacro %}

{#
    A sum of money divided by a whole number, rounded half away from zero to the cent, in whole
    numbers throughout: division in floating point would round ties either way.
#}
{% macro average_amount(sum, count) -%}
    {%- set twice_the_cents -%}
        2 * cast(abs(cast({{ sum }} as decimal(26, 2))) * 100 as decimal(38, 0)) + {{ count }}
    {%- endset -%}
    {%- set twice_the_count %}2 * {{ count }}{% endset -%}
    cast(
        sign({{ sum }})
        * cast({{ whole_quotient(twice_the_cents, twice_the_count) }} as decimal(30, 0))
        * cast(0.01 as decimal(2, 2))
        as decimal(18, 2)
    )
{%- endmacro %}

{# An amount in CNY. The wider type keeps the product of two 18-digit decimals exact. #}
{% macro convert(amount, rate) -%}
    cast(cast({{ amount }} as decimal(20, 2)) * {{ rate }} as decimal(18, 2))
{%- endmacro %}

{# An amount of a currency in CNY; empty without a rate. #}
{% macro in_cny(amount, currency, rate) -%}
    case when {{ currency }} = 'CNY' then {{ amount }} else {{ convert(amount, rate) }} end
{%- endmacro %}
