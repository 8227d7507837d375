{# One row per value of the columns, none of them empty. since: a date column; older rows were tested when written. #}
{% test key(model, columns, since=none) %}
    select {{ columns | join(", ") }}
    from {{ model }}
    {% if since %}where {{ since }} >= {{ window_start() }}{% endif %}
    group by {{ columns | join(", ") }}
    having count(*) > 1 or {% for column in columns %}{{ column }} is null{% if not loop.last %} or {% endif %}{% endfor %}
{% endtest %}
