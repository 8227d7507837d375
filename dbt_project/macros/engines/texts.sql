{# Texts, where engines spell them differently. #}

{# The values of a group in an order, as one text. #}
{% macro joined_text(value, order) -%}
    {{ return(adapter.dispatch("joined_text")(value, order)) }}
{%- endmacro %}
{% macro default__joined_text(value, order) -%}
    string_agg({{ value }}, ';' order by {{ order }})
{%- endmacro %}
{% macro spark__joined_text(value, order) -%}
    listagg({{ value }}, ';') within group (order by {{ order }})
{%- endmacro %}
