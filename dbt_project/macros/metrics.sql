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

{# Answers of NPS; every answer is one of the three, and those of other metrics are none. #}
{% macro nps_answers(promoters, passives, detractors) -%}
    ({{ promoters }} + {{ passives }} + {{ detractors }})
{%- endmacro %}

{% macro nps(promoters, passives, detractors) -%}
    {%- set answers = nps_answers(promoters, passives, detractors) -%}
    (100 * ({{ ratio(promoters, answers) }} - {{ ratio(detractors, answers) }}))
{%- endmacro %}

{% macro nps_change(
    promoters, passives, detractors, previous_promoters, previous_passives, previous_detractors
) -%}
    (
        {{ nps(promoters, passives, detractors) }}
        - {{ nps(previous_promoters, previous_passives, previous_detractors) }}
    )
{%- endmacro %}

{% macro nps_standard_error(promoters, passives, detractors) -%}
    {%- set answers = nps_answers(promoters, passives, detractors) -%}
    (
        100
        * sqrt(
            (
                {{ ratio(promoters, answers) }} + {{ ratio(detractors, answers) }}
                - power({{ ratio(promoters, answers) }} - {{ ratio(detractors, answers) }}, 2)
            )
            / nullif({{ answers }}, 0)
        )
    )
{%- endmacro %}

{# The normal interval; with few answers it reaches beyond the scale. #}
{% macro nps_interval_lower(promoters, passives, detractors, confidence_z) -%}
    (
        {{ nps(promoters, passives, detractors) }}
        - cast({{ confidence_z }} as double) * {{ nps_standard_error(promoters, passives, detractors) }}
    )
{%- endmacro %}
{% macro nps_interval_upper(promoters, passives, detractors, confidence_z) -%}
    (
        {{ nps(promoters, passives, detractors) }}
        + cast({{ confidence_z }} as double) * {{ nps_standard_error(promoters, passives, detractors) }}
    )
{%- endmacro %}

{# The interval as a chart draws it: within the scale. #}
{% macro nps_drawn_lower(promoters, passives, detractors, confidence_z) -%}
    {%- set lower = nps_interval_lower(promoters, passives, detractors, confidence_z) -%}
    case when {{ lower }} < -100 then -100 else {{ lower }} end
{%- endmacro %}
{% macro nps_drawn_upper(promoters, passives, detractors, confidence_z) -%}
    {%- set upper = nps_interval_upper(promoters, passives, detractors, confidence_z) -%}
    case when {{ upper }} > 100 then 100 else {{ upper }} end
{%- endmacro %}

{% macro is_small_sample(answers, small_sample_answers) -%}
    ({{ answers }} < {{ small_sample_answers }})
{%- endmacro %}
{% macro is_small_nps_sample(promoters, passives, detractors, small_sample_answers) -%}
    {{ is_small_sample(nps_answers(promoters, passives, detractors), small_sample_answers) }}
{%- endmacro %}
