-- What was known of NPS at the end of each month: the latest periodic wave by then, beside the wave before it.
with answers as (
    select *
    from fct_survey_responses
    where metric = 'nps' and survey_kind = 'periodic' and is_counted
),

waves as (
    select wave_id, min(month_end_date) as first_month_end_date
    from answers
    group by wave_id
),

months as (
    select distinct last_day(snapshot_date) as month_end_date
    from fct_portfolio_monthly
),

recent_waves as (
    select
        months.month_end_date,
        waves.wave_id,
        row_number() over (
            partition by months.month_end_date
            order by waves.first_month_end_date desc, waves.wave_id desc
        ) as recency
    from months
    inner join waves on months.month_end_date >= waves.first_month_end_date
),

sides as (
    select
        month_end_date,
        wave_id,
        (recency = 1)::int as is_now,
        (recency = 2)::int as is_before
    from recent_waves
    where recency <= 2
)

select
    strftime(sides.month_end_date, '%Y-%m') as month_label,
    answers.wave_id,
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
inner join sides
    on
        answers.wave_id = sides.wave_id
        and answers.month_end_date <= sides.month_end_date
