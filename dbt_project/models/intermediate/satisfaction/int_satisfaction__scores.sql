-- NPS with its normal interval, CSAT and CES with Wilson's, in points and per cent.
with counts as (
    select
        *,
        {{ ratio("satisfied", "responses") }} as satisfied_share,
        cast(confidence_z as double) as z
    from {{ ref("int_satisfaction__counts") }}
),

measured as (
    select
        *,
        100 * satisfied_share as satisfied_pct,
        100 * sqrt(satisfied_share * (1 - satisfied_share) / responses) as satisfied_error,
        100 * (satisfied_share + z * z / (2 * responses)) / (1 + z * z / responses) as wilson_centre,
        100
        * z
        * sqrt(satisfied_share * (1 - satisfied_share) / responses + z * z / (4.0 * responses * responses))
        / (1 + z * z / responses) as wilson_half
    from counts
),

-- NPS has no satisfied answers, CSAT and CES have no promoters: one of the two is empty.
scored as (
    select
        *,
        coalesce({{ nps("promoters", "passives", "detractors") }}, satisfied_pct) as value,
        coalesce({{ nps_standard_error("promoters", "passives", "detractors") }}, satisfied_error) as standard_error,
        coalesce(
            {{ nps_interval_lower("promoters", "passives", "detractors", "confidence_z") }},
            wilson_centre - wilson_half
        ) as ci_low,
        coalesce(
            {{ nps_interval_upper("promoters", "passives", "detractors", "confidence_z") }},
            wilson_centre + wilson_half
        ) as ci_high
    from measured
)

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
    round(ci_low, 6) as ci_low,
    round(ci_high, 6) as ci_high,
    case when {{ is_small_sample("responses", "small_sample_answers") }} then 'small_sample' else 'ok' end as status
from scored
