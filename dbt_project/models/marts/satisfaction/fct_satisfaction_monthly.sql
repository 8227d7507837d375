with scores as (
    select * from {{ ref("int_satisfaction__scores") }}
),

-- Nothing asked, nothing known: one row per metric says so.
absent as (
    select
        last_day({{ as_of_date() }}) as month_end_date,
        'periodic' as survey_kind,
        metrics.metric,
        'bank' as dimension,
        'bank' as dimension_value,
        'Bank 全行' as dimension_label,
        'insufficient_data' as status
    from (
        select 'nps' as metric
        union all
        select 'csat' as metric
        union all
        select 'ces' as metric
    ) as metrics
    where not exists (select 1 from scores)
)

select * from scores

union all

select
    month_end_date, survey_kind, metric, dimension, dimension_value, dimension_label,
    cast(0 as bigint) as invited, cast(0 as bigint) as responses, cast(null as double) as response_rate_pct,
    cast(null as bigint) as promoters, cast(null as bigint) as passives, cast(null as bigint) as detractors,
    cast(null as bigint) as satisfied,
    cast(null as double) as value, cast(null as double) as mean_score, cast(null as double) as standard_error,
    cast(null as double) as ci_low, cast(null as double) as ci_high, status
from absent
