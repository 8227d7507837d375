-- One row per question sent. The latest delivered version holds; when its first answer arrived is kept,
-- because alerts follow what was known on a day.
with versions as (
    select * from {{ ref("stg_survey_tool__survey_responses") }}
),

responses as (
    select
        response_id,
        {% for column in [
            "customer_id", "survey_kind", "wave_id", "metric", "touchpoint", "mode", "branch_id", "sent_date",
        ] %}
            max_by({{ column }}, delivered_on) as {{ column }},
        {% endfor %}
        max_by(score, delivered_on) filter (where score is not null) as score,
        max_by(answered_date, delivered_on) filter (where score is not null) as answered_date,
        max_by(answered_local_at, delivered_on) filter (where score is not null) as answered_local_at,
        min_by(score, delivered_on) filter (where score is not null) as first_score,
        min(delivered_on) filter (where score is not null) as answer_known_on
    from versions
    group by response_id
)

select
    responses.*,
    responses.score is not null as is_answered,
    {{ satisfaction_flag("nps", "responses.score >= cast(promoter.value as integer)") }} as promoters,
    {{
        satisfaction_flag(
            "nps",
            "responses.score < cast(promoter.value as integer)"
            ~ " and responses.score > cast(detractor.value as integer)"
        )
    }} as passives,
    {{ satisfaction_flag("nps", "responses.score <= cast(detractor.value as integer)") }} as detractors,
    coalesce(
        {{ satisfaction_flag("csat", "responses.score >= cast(satisfied.value as integer)") }},
        {{ satisfaction_flag("ces", "responses.score >= cast(easy.value as integer)") }}
    ) as satisfied,
    responses.first_score >= cast(promoter.value as integer) as is_first_promoter,
    responses.first_score <= cast(detractor.value as integer) as is_first_detractor,
    cast(z.value as decimal(6, 4)) as confidence_z,
    cast(small.value as integer) as small_sample_answers
from responses
{% for alias, parameter in {
    "promoter": "nps_promoter_score",
    "detractor": "nps_detractor_score",
    "satisfied": "csat_satisfied_score",
    "easy": "ces_easy_score",
    "z": "confidence_z",
    "small": "small_sample_answers",
}.items() %}
    {{ parameter_join(alias, "satisfaction", parameter, "coalesce(responses.answered_date, responses.sent_date)") }}
{% endfor %}
