{#
    What a run replaces. History lives at month-ends plus the latest day, so a run removes every
    snapshot from its first day on, and the provisional one of the day before.
#}
{% macro replace_snapshots(column="snapshot_date") -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            {{ column }} >= {{ window_start() }}
            or {{ column }} <> last_day({{ column }})
    {% endif %}
{%- endmacro %}

{# Facts are keyed by delivery: a run replaces the deliveries it loads, and anything later than its clock. #}
{% macro replace_deliveries(column="delivered_on") -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where {{ in_changed_deliveries(column) }} or {{ column }} > {{ as_of_date() }}
    {% endif %}
{%- endmacro %}

{% macro replace_days(column) -%}
    {% if is_incremental() %}
        delete from {{ this }} where {{ column }} >= {{ window_start() }}
    {% endif %}
{%- endmacro %}

{% macro replace_months(column) -%}
    {% if is_incremental() %}
        delete from {{ this }} where {{ column }} >= {{ month_start(window_start()) }}
    {% endif %}
{%- endmacro %}
