{# 1 or 0 for an answer of the metric, null for anything else: sums are counts, counts are answers. #}
{% macro satisfaction_flag(metric, condition) -%}
    case
        when responses.metric = '{{ metric }}' and responses.score is not null
            then case when {{ condition }} then 1 else 0 end
    end
{%- endmacro %}
