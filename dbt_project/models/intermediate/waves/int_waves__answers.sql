-- The counted answers of the periodic survey, at the grain of the filters of dashboards.
select
    metric,
    wave_id,
    month_end_date,
    branch_id,
    max(branch_name) as branch_name,
    customer_type,
    max(customer_type_label) as customer_type_label,
    tier,
    max(tier_label) as tier_label,
    count(*) as responses,
    cast(sum(promoters) as bigint) as promoters,
    cast(sum(passives) as bigint) as passives,
    cast(sum(detractors) as bigint) as detractors,
    cast(sum(satisfied) as bigint) as satisfied,
    max(confidence_z) as confidence_z,
    max(small_sample_answers) as small_sample_answers
from {{ ref("int_satisfaction__counted") }}
where survey_kind = 'periodic' and is_counted
group by metric, wave_id, month_end_date, branch_id, customer_type, tier
