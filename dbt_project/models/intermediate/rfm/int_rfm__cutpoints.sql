{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- Nearest rank, computed on distinct values: the order of ties cannot matter because ties are one row.
with ranked as (
    {% for measure in ["recency", "frequency", "monetary"] %}
        select snapshot_date, population, measure, ranked_value
        from {{ ref("int_rfm__" ~ measure) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

own_cuts as (
    select snapshot_date, monetary_basis
    from {{ ref("int_rfm__snapshots") }}
    where snapshot_date = cut_date
),

value_counts as (
    select
        ranked.snapshot_date,
        ranked.population,
        ranked.measure,
        own_cuts.monetary_basis,
        ranked.ranked_value,
        count(*) as customers
    from ranked
    inner join own_cuts on ranked.snapshot_date = own_cuts.snapshot_date
    group by
        ranked.snapshot_date,
        ranked.population,
        ranked.measure,
        own_cuts.monetary_basis,
        ranked.ranked_value
),

positions as (
    select
        *,
        sum(customers) over (
            partition by snapshot_date, population, measure order by ranked_value
        ) as last_position,
        sum(customers) over (partition by snapshot_date, population, measure) as scored_customers,
        count(*) over (partition by snapshot_date, population, measure) as distinct_values
    from value_counts
),

cuts as (
    select 1 as cut_number
    union all
    select 2 as cut_number
    union all
    select 3 as cut_number
    union all
    select 4 as cut_number
)

select
    positions.snapshot_date,
    positions.population,
    positions.measure,
    cuts.cut_number,
    -- Recency is shown as days, as everybody says it.
    case
        when positions.measure = 'recency' then -min(positions.ranked_value) else min(positions.ranked_value)
    end as cut_value,
    positions.monetary_basis,
    cast(max(positions.scored_customers) as bigint) as scored_customers,
    cast(max(positions.distinct_values) as bigint) as distinct_values,
    max(policy.policy_version) as policy_version
from positions
-- Position ⌈j · n / 5⌉, without dividing.
inner join cuts on 5 * positions.last_position >= cuts.cut_number * positions.scored_customers
inner join {{ ref("int_policy__rfm") }} as policy on positions.snapshot_date = policy.snapshot_date
group by
    positions.snapshot_date,
    positions.population,
    positions.measure,
    cuts.cut_number,
    positions.monetary_basis
