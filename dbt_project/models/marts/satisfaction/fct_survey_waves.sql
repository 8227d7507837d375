select
    metric,
    wave_id,
    month_end_date,
    branch_id,
    branch_name,
    customer_type,
    customer_type_label,
    tier,
    tier_label,
    responses,
    promoters,
    passives,
    detractors,
    satisfied,
    confidence_z,
    small_sample_answers
from {{ ref("int_waves__answers") }}
