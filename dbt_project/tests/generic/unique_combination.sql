{# since: a date column; rows before the window of the run were tested when they were written. #}
{% test unique_combination(model, columns, since=none) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    {% if since %}where {{ since }} >= {{ window_start() }}{% endif %}
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
