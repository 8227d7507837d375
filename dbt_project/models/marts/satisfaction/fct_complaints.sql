select
    complaints.complaint_id,
    complaints.customer_id,
    complaints.category,
    {{ bilingual("categories") }} as category_label,
    complaints.channel,
    complaints.branch_id,
    complaints.product_id,
    complaints.filed_date,
    {{ to_utc("complaints.filed_local_at") }} as filed_at,
    {{ to_utc("complaints.first_response_local_at") }} as first_response_at,
    {{ to_utc("complaints.resolved_local_at") }} as resolved_at,
    complaints.state,
    complaints.first_response_hours,
    complaints.open_days,
    complaints.is_response_in_time,
    complaints.is_resolution_in_time,
    complaints.first_response_limit_hours,
    complaints.resolution_limit_days
from {{ ref("int_complaints__measured") }} as complaints
{{ label_join("categories", "complaint_category", "complaints.category", "complaints.filed_date") }}
