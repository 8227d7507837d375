-- Invitations and answers per month and slice. Periodic and key-node surveys are never pooled.
{%- set slices = {
    "bank": ("'bank'", "'全行 Bank'"),
    "branch": ("branch_id", "branch_name"),
    "tier": ("tier", "tier_label"),
    "touchpoint": ("touchpoint", "touchpoint"),
} %}

with responses as (
    select * from {{ ref("fct_survey_responses") }}
),

sliced as (
    {% for dimension, (value, label) in slices.items() %}
        select
            *,
            '{{ dimension }}' as dimension,
            {{ value }} as dimension_value,
            {{ label }} as dimension_label
        from responses
        where {{ value }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

answers as (
    select
        month_end_date, survey_kind, metric, dimension, dimension_value,
        max(dimension_label) as dimension_label,
        count(*) as responses,
        sum(promoters) as promoters,
        sum(passives) as passives,
        sum(detractors) as detractors,
        sum(satisfied) as satisfied,
        sum(score) as score_sum,
        max(confidence_z) as confidence_z,
        max(small_sample_answers) as small_sample_answers
    from sliced
    where is_counted
    group by month_end_date, survey_kind, metric, dimension, dimension_value
),

-- The tier is that of the month of the answer, so invitations by tier are those that were answered.
invitations as (
    select
        last_day(sent_date) as month_end_date, survey_kind, metric, dimension, dimension_value,
        count(*) as invited,
        count(*) filter (where is_answered) as answered
    from sliced
    where dimension <> 'tier'
    group by last_day(sent_date), survey_kind, metric, dimension, dimension_value
)

select
    answers.*,
    invitations.invited,
    invitations.answered
from answers
left join invitations
    on
        answers.month_end_date = invitations.month_end_date
        and answers.survey_kind = invitations.survey_kind
        and answers.metric = invitations.metric
        and answers.dimension = invitations.dimension
        and answers.dimension_value = invitations.dimension_value
