-- Invitations and answers per month and slice. Periodic and key-node surveys are never pooled.
with responses as (
    select * from {{ ref("int_satisfaction__counted") }}
),

sliced as (
    select *, 'bank' as dimension, 'bank' as dimension_value, 'Bank 全行' as dimension_label
    from responses

    union all

    select *, 'branch' as dimension, branch_id as dimension_value, branch_name as dimension_label
    from responses

    union all

    select *, 'tier' as dimension, tier as dimension_value, tier_label as dimension_label
    from responses

    union all

    select *, 'touchpoint' as dimension, touchpoint as dimension_value, touchpoint as dimension_label
    from responses
    where touchpoint is not null
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
