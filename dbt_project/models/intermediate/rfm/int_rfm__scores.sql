-- 1 + the number of cut points below the value: a pure function of the value and four stored numbers.
with measured as (
    {% for measure in ["recency", "frequency", "monetary"] %}
        select customer_id, snapshot_date, population, measure, ranked_value
        from {{ ref("int_rfm__" ~ measure) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

scored as (
    select
        measured.customer_id,
        measured.snapshot_date,
        measured.population,
        measured.measure,
        measured.ranked_value,
        cuts.cut_date,
        1
        {% for number in [1, 2, 3, 4] %}
            + case when measured.ranked_value > cuts.cut_{{ number }} then 1 else 0 end
        {% endfor %}
            as score
    from measured
    inner join {{ ref("int_rfm__cuts") }} as cuts
        on
            measured.snapshot_date = cuts.snapshot_date
            and measured.population = cuts.population
            and measured.measure = cuts.measure
)

select
    customer_id,
    snapshot_date,
    population,
    max(cut_date) as cut_date,
    cast(-max(ranked_value) filter (where measure = 'recency') as integer) as recency_days,
    cast(max(ranked_value) filter (where measure = 'frequency') as integer) as frequency_days,
    max(ranked_value) filter (where measure = 'monetary') as monetary_amount,
    max(score) filter (where measure = 'recency') as r_score,
    max(score) filter (where measure = 'frequency') as f_score,
    max(score) filter (where measure = 'monetary') as m_score
from scored
group by customer_id, snapshot_date, population
