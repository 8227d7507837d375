{# dbt's own test, for the rows that a run has changed. since: a date column. #}
{% test relationships(model, column_name, to, field, since=none) %}
    select distinct {{ column_name }} as unknown_value
    from {{ model }}
    where
        {{ column_name }} is not null
        and {{ column_name }} not in (select {{ field }} from {{ to }})
        {% if since %}and {{ since }} >= {{ window_start() }}{% endif %}
{% endtest %}
