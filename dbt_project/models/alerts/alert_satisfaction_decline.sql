{{ config(materialized="view") }}

-- An answer is much worse than the one before, in the order in which they became known: some points of CSAT, or a
-- promoter who became a detractor (of the groups 1, 0 and -1). Kinds of survey and metrics are not compared with
-- each other; an answer counts for some days, or until the next one.
with rules as (
    {{
        rule(
            "satisfaction_decline",
            {
                "counts_for_days": "integer",
                "csat_change_points": "decimal(18,4)",
                "nps_change_groups": "decimal(18,4)",
            },
        )
    }}
),

answers as (
    select
        *,
        case when is_first_promoter then 1 when is_first_detractor then -1 else 0 end as nps_group
    from {{ ref("int_satisfaction__responses") }}
    where metric in ('csat', 'nps') and answer_known_on is not null
),

sequences as (
    select
        *,
        lag(response_id) over customer_answers as previous_response_id,
        lag(first_score) over customer_answers as previous_score,
        lag(nps_group) over customer_answers as previous_nps_group,
        lead(answer_known_on) over customer_answers as next_known_on
    from answers
    window customer_answers as (
        partition by customer_id, metric, survey_kind order by answer_known_on, answered_local_at, response_id
    )
),

compared as (
    select
        sequences.*,
        rules.effective_from,
        least(
            {{ add_days("sequences.answer_known_on", "rules.counts_for_days") }}, sequences.next_known_on
        ) as ends_before,
        case
            when sequences.metric = 'csat' then sequences.first_score - sequences.previous_score
            else sequences.nps_group - sequences.previous_nps_group
        end as score_change,
        case when sequences.metric = 'csat' then rules.csat_change_points else rules.nps_change_groups end
            as limit_value
    from sequences
    cross join rules
    where
        sequences.previous_response_id is not null
        and sequences.answer_known_on <= rules.last_date
        and {{ add_days("sequences.answer_known_on", "rules.counts_for_days") }} > rules.first_date
)

select
    effective_from as rule_effective_from,
    customer_id as subject_id,
    answer_known_on as starts_date,
    {{ add_days("ends_before", -1) }} as ends_date,
    cast(null as varchar) as undecided_status,
    cast(score_change as double) as observed,
    cast(previous_score as double) as baseline,
    cast(limit_value as double) as limit_value,
    -- Two sequences may fire on one day: the larger fall is the evidence.
    first_score - previous_score as preference,
    answer_known_on as window_start_date,
    cast(null as date) as window_end_date,
    cast(null as integer) as window_days,
    {{
        evidence(
            {"score": "first_score", "previous_score": "previous_score"},
            {
                "metric": "metric",
                "survey_kind": "survey_kind",
                "response_id": "response_id",
                "previous_response_id": "previous_response_id",
            },
        )
    }} as evidence_json
from compared
