-- Each month's counted answers beside those of the calendar month before it.
with answers as (
    select *
    from fct_survey_responses
    where metric = 'nps' and survey_kind = 'periodic' and is_counted
),

sides as (
    select month_end_date, month_end_date as source_date, 1 as is_now, 0 as is_before
    from (select distinct month_end_date from answers) as months
    union all
    select last_day(month_end_date + interval 1 month), month_end_date, 0, 1
    from (select distinct month_end_date from answers) as months
)

select
    strftime(sides.month_end_date, '%Y-%m') as month_label,
    answers.branch_name,
    answers.customer_type_label,
    answers.promoters * sides.is_now as promoters,
    answers.detractors * sides.is_now as detractors,
    sides.is_now as answers,
    answers.promoters * sides.is_before as previous_promoters,
    answers.detractors * sides.is_before as previous_detractors,
    sides.is_before as previous_answers,
    answers.confidence_z,
    answers.small_sample_answers
from answers
inner join sides on answers.month_end_date = sides.source_date
