-- The four cut points of a measure side by side, in ranking direction, for each snapshot that uses them.
select
    snapshots.snapshot_date,
    snapshots.cut_date,
    cutpoints.population,
    cutpoints.measure,
    {% for number in [1, 2, 3, 4] %}
        max(
            case
                when cutpoints.cut_number = {{ number }}
                    then case when cutpoints.measure = 'recency' then -cutpoints.cut_value else cutpoints.cut_value end
            end
        ) as cut_{{ number }}{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref("int_rfm__snapshots") }} as snapshots
inner join {{ ref("int_rfm__cutpoints") }} as cutpoints on snapshots.cut_date = cutpoints.snapshot_date
group by snapshots.snapshot_date, snapshots.cut_date, cutpoints.population, cutpoints.measure
