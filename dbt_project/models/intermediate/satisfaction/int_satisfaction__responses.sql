-- One row per question sent. The latest delivered version holds; when its first answer arrived is kept,
-- because alerts follow what was known on a day. A column that a delivery did not have keeps what was known (D-53).
with known as (
    {{ known_versions(
        versions=ref("stg_survey_tool__survey_responses"),
        key="response_id",
        required=["customer_id", "survey_kind", "wave_id", "metric", "sent_date"],
        kept={
            "score": "score",
            "answered_date": "answered_at",
            "answered_local_at": "answered_at",
            "touchpoint": "touchpoint",
            "mode": "mode",
            "branch_id": "branch_id",
        },
    ) }}
),

versions as (
    select *, row_number() over (partition by response_id order by delivered_on desc) as recency from known
),

responses as (
    select
        response_id,
        {% for column in [
            "customer_id", "survey_kind", "wave_id", "metric", "touchpoint", "mode", "branch_id", "sent_date",
        ] %}
            max({{ column }}) filter (where recency = 1) as {{ column }},
        {% endfor %}
        max_by(score, delivered_on) filter (where score is not null) as score,
        max_by(answered_date, delivered_on) filter (where score is not null) as answered_date,
        max_by(answered_local_at, delivered_on) filter (where score is not null) as answered_local_at,
        min_by(score, delivered_on) filter (where score is not null) as first_score,
        min(delivered_on) filter (where score is not null) as answer_known_on
    from versions
    group by response_id
),

-- The day an answer belongs to: policy and customer are those of this day.
dated as (
    select
        *,
        coalesce(answered_date, sent_date) as response_date
    from responses
),

judged as (
    select
        dated.*,
        cast(promoter.value as integer) as promoter_score,
        cast(detractor.value as integer) as detractor_score,
        cast(satisfied.value as integer) as satisfied_score,
        cast(easy.value as integer) as easy_score,
        cast(z.value as decimal(6, 4)) as confidence_z,
        cast(small.value as integer) as small_sample_answers
    from dated
    {% for alias, parameter in {
        "promoter": "nps_promoter_score",
        "detractor": "nps_detractor_score",
        "satisfied": "csat_satisfied_score",
        "easy": "ces_easy_score",
        "z": "confidence_z",
        "small": "small_sample_answers",
    }.items() %}
        {{ parameter_join(alias, "satisfaction", parameter, "dated.response_date") }}
    {% endfor %}
)

-- 1 or 0 for an answer of the metric, empty for anything else: sums are counts, and counts are answers.
select
    response_id,
    customer_id,
    survey_kind,
    wave_id,
    metric,
    touchpoint,
    mode,
    branch_id,
    sent_date,
    response_date,
    score,
    answered_date,
    answered_local_at,
    first_score,
    answer_known_on,
    score is not null as is_answered,
    case when metric = 'nps' then cast(score >= promoter_score as integer) end as promoters,
    case when metric = 'nps' then cast(score < promoter_score and score > detractor_score as integer) end as passives,
    case when metric = 'nps' then cast(score <= detractor_score as integer) end as detractors,
    case
        when metric = 'csat' then cast(score >= satisfied_score as integer)
        when metric = 'ces' then cast(score >= easy_score as integer)
    end as satisfied,
    first_score >= promoter_score as is_first_promoter,
    first_score <= detractor_score as is_first_detractor,
    confidence_z,
    small_sample_answers
from judged
