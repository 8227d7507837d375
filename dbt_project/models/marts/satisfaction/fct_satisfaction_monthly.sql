-- NPS with its normal interval, CSAT and CES with Wilson's (domain, D6), in points and per cent.
with counts as (
    select
        *,
        {{ ratio("promoters", "responses") }} as promoter_share,
        {{ ratio("detractors", "responses") }} as detractor_share,
        {{ ratio("satisfied", "responses") }} as satisfied_share,
        cast(confidence_z as double) as z
    from {{ ref("int_satisfaction__counts") }}
),

measured as (
    select
        *,
        case
            when metric = 'nps' then 100 * (promoter_share - detractor_share)
            else 100 * satisfied_share
        end as value,
        case
            when metric = 'nps'
                then
                    100 * sqrt(
                        (promoter_share + detractor_share - power(promoter_share - detractor_share, 2)) / responses
                    )
            else 100 * sqrt(satisfied_share * (1 - satisfied_share) / responses)
        end as standard_error,
        100 * (satisfied_share + z * z / (2 * responses)) / (1 + z * z / responses) as wilson_centre,
        100
        * z
        * sqrt(satisfied_share * (1 - satisfied_share) / responses + z * z / (4.0 * responses * responses))
        / (1 + z * z / responses) as wilson_half
    from counts
),

delivered as (
    select
        month_end_date,
        survey_kind,
        metric,
        dimension,
        dimension_value,
        dimension_label,
        cast(invited as bigint) as invited,
        cast(responses as bigint) as responses,
        round(100 * {{ ratio("answered", "invited") }}, 6) as response_rate_pct,
        cast(promoters as bigint) as promoters,
        cast(passives as bigint) as passives,
        cast(detractors as bigint) as detractors,
        cast(satisfied as bigint) as satisfied,
        round(value, 6) as value,
        round({{ ratio("score_sum", "responses") }}, 6) as mean_score,
        round(standard_error, 6) as standard_error,
        round(case when metric = 'nps' then value - z * standard_error else wilson_centre - wilson_half end, 6)
            as ci_low,
        round(case when metric = 'nps' then value + z * standard_error else wilson_centre + wilson_half end, 6)
            as ci_high,
        case when responses < small_sample_answers then 'small_sample' else 'ok' end as status
    from measured
),

-- Nothing asked, nothing known: one row per metric says so.
absent as (
    select
        last_day({{ as_of_date() }}) as month_end_date,
        'periodic' as survey_kind,
        metrics.metric,
        'bank' as dimension,
        'bank' as dimension_value,
        '全行 Bank' as dimension_label,
        'insufficient_data' as status
    from (
        select 'nps' as metric
        union all
        select 'csat' as metric
        union all
        select 'ces' as metric
    ) as metrics
    where not exists (select 1 from delivered)
)

select * from delivered

union all

select
    month_end_date, survey_kind, metric, dimension, dimension_value, dimension_label,
    cast(0 as bigint) as invited, cast(0 as bigint) as responses, cast(null as double) as response_rate_pct,
    cast(null as bigint) as promoters, cast(null as bigint) as passives, cast(null as bigint) as detractors,
    cast(null as bigint) as satisfied,
    cast(null as double) as value, cast(null as double) as mean_score, cast(null as double) as standard_error,
    cast(null as double) as ci_low, cast(null as double) as ci_high, status
from absent
