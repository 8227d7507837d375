{#
    Tables and views made in place, in dbt's transaction. The adapter's own make them under another name and rename
    twice for the sake of readers; ours read the release, a copy, and a day makes eighty of them (D-46).
#}
{% materialization table, adapter="duckdb" -%}
    {%- set target = this.incorporate(type="table") -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement("main") -%}
        {{ dropped_if_there(target) }}
        {{ create_table_as(False, target, compiled_code, "sql") }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [target]}) }}
{%- endmaterialization %}

{% materialization view, adapter="duckdb" -%}
    {%- set target = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement("main") -%}
        {{ dropped_if_there(target) }}
        {{ create_view_as(target, compiled_code) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [target]}) }}
{%- endmaterialization %}

{% macro dropped_if_there(relation) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none -%}
        drop {{ existing.type }} {{ existing }};
    {%- endif -%}
{%- endmacro %}
