{# Times, where engines spell them differently. #}

{% macro datediff_seconds(earlier, later) -%}
    {{ return(adapter.dispatch("datediff_seconds")(earlier, later)) }}
{%- endmacro %}
{% macro default__datediff_seconds(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}
{% macro spark__datediff_seconds(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro %}

{% macro to_utc(column) -%}
    {{ return(adapter.dispatch("to_utc")(column)) }}
{%- endmacro %}
{% macro default__to_utc(column) -%}
    cast(timezone('UTC', timezone({{ bank_time_zone() }}, {{ column }})) as timestamp)
{%- endmacro %}
{% macro spark__to_utc(column) -%}
    to_utc_timestamp({{ column }}, {{ bank_time_zone() }})
{%- endmacro %}
