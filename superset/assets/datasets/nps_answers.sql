-- The answers that count for NPS: the latest of each customer in each periodic wave.
select
    month_end_date,
    strftime(month_end_date, '%Y-%m') as month_label,
    branch_name,
    customer_type_label,
    tier_label,
    score,
    promoters,
    passives,
    detractors,
    confidence_z
from fct_survey_responses
where metric = 'nps' and survey_kind = 'periodic' and is_counted
