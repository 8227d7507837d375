{#
    What cannot be summed: numbers that a chart works out again for the rows its filters leave. Models and dashboards
    use these macros alone, so that each formula stands once (D-43). Superset reads this file by itself: plain SQL of
    the arguments, no ref() and nothing of dbt.
#}

{% macro ratio(numerator, denominator) -%}
    (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{# How much more there is than before, as a share of what there was. #}
{% macro growth(amount, previous_amount) -%}
    ({{ ratio(amount, previous_amount) }} - 1)
{%- endmacro %}

{# How many more there are than before; empty where there was nothing before to compare with. #}
{% macro change(amount, previous_amount, previous_whole) -%}
    case when {{ previous_whole }} > 0 then {{ amount }} - {{ previous_amount }} end
{%- endmacro %}

{# How much a share has moved. #}
{% macro ratio_change(part, whole, previous_part, previous_whole) -%}
    ({{ ratio(part, whole) }} - {{ ratio(previous_part, previous_whole) }})
{%- endmacro %}

{# An amount in units of 100 million, as Chinese readers count money. #}
{% macro in_100_million(amount) -%}
    (cast({{ amount }} as double) / 100000000)
{%- endmacro %}

{% macro nps(promoters, detractors, responses) -%}
    (100 * ({{ ratio(promoters, responses) }} - {{ ratio(detractors, responses) }}))
{%- endmacro %}

{% macro nps_change(promoters, detractors, responses, previous_promoters, previous_detractors, previous_responses) -%}
    (
        {{ nps(promoters, detractors, responses) }}
        - {{ nps(previous_promoters, previous_detractors, previous_responses) }}
    )
{%- endmacro %}

{% macro nps_standard_error(promoters, detractors, responses) -%}
    (
        100
        * sqrt(
            (
                {{ ratio(promoters, responses) }} + {{ ratio(detractors, responses) }}
                - power({{ ratio(promoters, responses) }} - {{ ratio(detractors, responses) }}, 2)
            )
            / nullif({{ responses }}, 0)
        )
    )
{%- endmacro %}

{# The normal interval; with few answers it reaches beyond the scale. #}
{% macro nps_interval_lower(promoters, detractors, responses, confidence_z) -%}
    (
        {{ nps(promoters, detractors, responses) }}
        - cast({{ confidence_z }} as double) * {{ nps_standard_error(promoters, detractors, responses) }}
    )
{%- endmacro %}
{% macro nps_interval_upper(promoters, detractors, responses, confidence_z) -%}
    (
        {{ nps(promoters, detractors, responses) }}
        + cast({{ confidence_z }} as double) * {{ nps_standard_error(promoters, detractors, responses) }}
    )
{%- endmacro %}

{# The interval as a chart draws it: within the scale. #}
{% macro nps_drawn_lower(promoters, detractors, responses, confidence_z) -%}
    {%- set lower = nps_interval_lower(promoters, detractors, responses, confidence_z) -%}
    case when {{ lower }} < -100 then -100 else {{ lower }} end
{%- endmacro %}
{% macro nps_drawn_upper(promoters, detractors, responses, confidence_z) -%}
    {%- set upper = nps_interval_upper(promoters, detractors, responses, confidence_z) -%}
    case when {{ upper }} > 100 then 100 else {{ upper }} end
{%- endmacro %}

{% macro is_small_sample(responses, small_sample_answers) -%}
    ({{ responses }} < {{ small_sample_answers }})
{%- endmacro %}
