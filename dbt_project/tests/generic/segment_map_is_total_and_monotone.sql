{# 125 cells, and raising any one score never lowers the rank. #}
{% test segment_map_is_total_and_monotone(model) %}
    with cells as (
        select
            rfm_cell,
            segment_rank,
            cast(substr(rfm_cell, 1, 1) as integer) as r_score,
            cast(substr(rfm_cell, 2, 1) as integer) as f_score,
            cast(substr(rfm_cell, 3, 1) as integer) as m_score
        from {{ model }}
        where {{ is_in_force("rfm_segments", as_of_date()) | replace("rfm_segments.", "") }}
    )

    select 'not 125 cells' as problem
    from cells
    having count(*) <> 125

    union all

    select higher.rfm_cell || ' ranks below ' || lower.rfm_cell as problem
    from cells as higher
    inner join cells as lower
        on
            higher.r_score >= lower.r_score
            and higher.f_score >= lower.f_score
            and higher.m_score >= lower.m_score
    where higher.segment_rank < lower.segment_rank
{% endtest %}
