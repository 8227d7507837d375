{# What was known before, where engines spell it differently. #}

{# The value of the latest row up to this one in which a condition holds, also where that value is empty. #}
{% macro last_known(value, condition, key, order) -%}
    {{ return(adapter.dispatch("last_known")(value, condition, key, order)) }}
{%- endmacro %}
{% macro default__last_known(value, condition, key, order) -%}
    last_value(case when {{ condition }} then struct_pack(known := {{ value }}) end ignore nulls) over (
        partition by {{ key }} order by {{ order }} rows between unbounded preceding and current row
    ).known
{%- endmacro %}
{% macro spark__last_known(value, condition, key, order) -%}
    last_value(case when {{ condition }} then named_struct('known', {{ value }}) end) ignore nulls over (
        partition by {{ key }} order by {{ order }} rows between unbounded preceding and current row
    ).known
{%- endmacro %}
