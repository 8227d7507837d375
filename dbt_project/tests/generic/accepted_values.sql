{# dbt's own test, for the rows that a run has changed. since: a date column. #}
{% test accepted_values(model, column_name, values, since=none) %}
    select
        {{ column_name }} as unexpected_value,
        count(*) as found
    from {{ model }}
    where
        {{ column_name }} not in ('{{ values | join("', '") }}')
        {% if since %}and {{ since }} >= {{ window_start() }}{% endif %}
    group by {{ column_name }}
{% endtest %}
