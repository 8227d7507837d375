-- The latest delivered state of each complaint, measured against the promises of policy.
with versions as (
    select
        *,
        row_number() over (partition by complaint_id order by delivered_on desc) as recency
    from {{ ref("stg_crm__complaints") }}
),

complaints as (
    select
        versions.*,
        cast(response_limit.value as integer) as first_response_limit_hours,
        cast(resolution_limit.value as integer) as resolution_limit_days
    from versions
    {{
        parameter_join(
            "response_limit", "complaints", "first_response_hours", "cast(versions.filed_local_at as date)"
        )
    }}
    {{
        parameter_join(
            "resolution_limit", "complaints", "resolution_days", "cast(versions.filed_local_at as date)"
        )
    }}
    where versions.recency = 1
),

measured as (
    select
        *,
        cast(filed_local_at as date) as filed_date,
        cast(resolved_local_at as date) as resolved_date,
        {{ datediff_seconds("filed_local_at", "first_response_local_at") }} as first_response_seconds,
        {{
            days_between(
                "cast(filed_local_at as date)",
                "coalesce(cast(resolved_local_at as date), " ~ as_of_date() ~ ")"
            )
        }} as open_days
    from complaints
)

select
    measured.complaint_id,
    measured.customer_id,
    measured.category,
    {{ bilingual("categories") }} as category_label,
    measured.channel,
    coalesce(measured.branch_id, customers.branch_id) as branch_id,
    measured.product_id,
    measured.filed_date,
    {{ to_utc("measured.filed_local_at") }} as filed_at,
    {{ to_utc("measured.first_response_local_at") }} as first_response_at,
    {{ to_utc("measured.resolved_local_at") }} as resolved_at,
    case when measured.resolved_local_at is null then 'open' else 'resolved' end as state,
    round(measured.first_response_seconds / 3600.0, 6) as first_response_hours,
    cast(measured.open_days as integer) as open_days,
    measured.first_response_seconds <= measured.first_response_limit_hours * 3600 as is_response_in_time,
    measured.open_days <= measured.resolution_limit_days as is_resolution_in_time,
    measured.first_response_limit_hours,
    measured.resolution_limit_days
from measured
left join {{ ref("dim_customers") }} as customers on measured.customer_id = customers.customer_id
{{ label_join("categories", "complaint_category", "measured.category", "measured.filed_date") }}
