-- The answers that count for NPS: the latest of each customer in each periodic wave.
select
    wave_id,
    month_end_date,
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
