{#
    The one strategy of incremental models, "replace": rows of the range that a run computes again go, its rows come,
    in one transaction. What the range is, a model says in its meta:

        replaces: snapshots    by snapshot_date
        replaces: deliveries   by delivered_on
        replaces: days         by the column that "by" names, as it may for the others
        replaces: months       likewise
#}
{% macro get_incremental_replace_sql(arg_dict) -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="quoted") | join(", ") -%}
    delete from {{ arg_dict["target_relation"] }}
    where {{ replaced_rows() }};
    insert into {{ arg_dict["target_relation"] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict["temp_relation"] }}
{%- endmacro %}

{% macro replaced_rows() -%}
    {%- set meta = config.get("meta", {}) -%}
    {%- set kind = meta.get("replaces") -%}
    {%- set by = meta.get("by", {"snapshots": "snapshot_date", "deliveries": "delivered_on"}.get(kind)) -%}
    {%- if by is none -%}
        {%- do exceptions.raise_compiler_error("meta: replaces is snapshots, deliveries, days or months, by a column") -%}
    {%- elif kind == "snapshots" -%}
        {#- History lives at month-ends plus the latest day: the provisional one of the day before goes as well. -#}
        {{ by }} >= {{ window_start() }} or {{ by }} <> last_day({{ by }})
    {%- elif kind == "deliveries" -%}
        {#- Facts are keyed by delivery: those that are loaded again, and anything later than the clock of the run. -#}
        {{ in_changed_deliveries(by) }} or {{ by }} > {{ as_of_date() }}
    {%- elif kind == "days" -%}
        {{ by }} >= {{ window_start() }}
    {%- elif kind == "months" -%}
        {{ by }} >= {{ month_start(window_start()) }}
    {%- else -%}
        {%- do exceptions.raise_compiler_error("meta: replaces knows no " ~ kind) -%}
    {%- endif -%}
{%- endmacro %}
