{#
    The versions of a key, in which a column that a delivery did not have keeps what was known of the key from the
    deliveries before; an empty cell clears it (D-53). Only keys that were delivered with other columns before or after
    are looked back upon.

    versions    the staging model, with absent_columns and delivered_on
    key         its key column
    required    columns that every delivery has
    kept        the others, each with its name in the delivery
#}
{% macro known_versions(versions, key, required, kept) -%}
    with uneven as (
        select {{ key }}
        from {{ versions }}
        group by {{ key }}
        having min(coalesce(absent_columns, '')) <> max(coalesce(absent_columns, ''))
    )

    select
        {{ key }},
        {% for column in required + kept.keys() | list %}
            {{ column }},
        {% endfor %}
        delivered_on
    from {{ versions }}
    where {{ key }} not in (select {{ key }} from uneven)

    union all

    select
        {{ key }},
        {% for column in required %}
            {{ column }},
        {% endfor %}
        {% for column, delivered in kept.items() %}
            {{ last_known(column, is_delivered(delivered), key, "delivered_on") }} as {{ column }},
        {% endfor %}
        delivered_on
    from {{ versions }}
    where {{ key }} in (select {{ key }} from uneven)
{%- endmacro %}

{% macro is_delivered(column) -%}
    not contains(concat(',', coalesce(absent_columns, ''), ','), ',{{ column }},')
{%- endmacro %}
