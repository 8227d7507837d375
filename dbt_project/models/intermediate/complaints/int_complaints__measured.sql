-- The latest delivered state of each complaint, measured against the promises of policy. The branch of a complaint
-- that names none is that of the customer on the day it was filed. A column that a delivery did not have keeps what was
-- known (D-53).
with known as (
    {{ known_versions(
        versions=ref("stg_crm__complaints"),
        key="complaint_id",
        required=["customer_id", "category", "filed_local_at"],
        kept={
            "first_response_local_at": "first_response_at",
            "resolved_local_at": "resolved_at",
            "branch_id": "branch_id",
            "product_id": "product_id",
            "employee_id": "employee_id",
            "channel": "channel",
        },
    ) }}
),

versions as (
    select
        *,
        cast(filed_local_at as date) as filed_date,
        cast(resolved_local_at as date) as resolved_date,
        row_number() over (partition by complaint_id order by delivered_on desc) as recency
    from known
),

customers as (
    select * from {{ ref("int_customers__versions") }}
),

complaints as (
    select
        versions.*,
        coalesce(
            versions.branch_id,
            customers.branch_id,
            case when customers.customer_id is not null then 'unknown' end
        ) as known_branch_id,
        coalesce(versions.resolved_date, {{ as_of_date() }}) as measured_date,
        cast(response_limit.value as integer) as first_response_limit_hours,
        cast(resolution_limit.value as integer) as resolution_limit_days
    from versions
    left join customers
        on
            versions.customer_id = customers.customer_id
            and {{ is_version_of("customers", "versions.filed_date") }}
    {{ parameter_join("response_limit", "complaints", "first_response_hours", "versions.filed_date") }}
    {{ parameter_join("resolution_limit", "complaints", "resolution_days", "versions.filed_date") }}
    where versions.recency = 1
),

measured as (
    select
        *,
        {{ datediff_seconds("filed_local_at", "first_response_local_at") }} as first_response_seconds,
        {{ days_between("filed_date", "measured_date") }} as open_days
    from complaints
)

select
    complaint_id,
    customer_id,
    category,
    channel,
    known_branch_id as branch_id,
    product_id,
    filed_date,
    filed_local_at,
    first_response_local_at,
    resolved_local_at,
    case when resolved_local_at is null then 'open' else 'resolved' end as state,
    round(first_response_seconds / 3600.0, 6) as first_response_hours,
    cast(open_days as integer) as open_days,
    first_response_seconds <= first_response_limit_hours * 3600 as is_response_in_time,
    open_days <= resolution_limit_days as is_resolution_in_time,
    first_response_limit_hours,
    resolution_limit_days
from measured
