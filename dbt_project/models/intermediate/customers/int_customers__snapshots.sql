-- One row per customer and snapshot date of this run, as the customer was known on that date.
with snapshots as (
    select * from {{ ref("int_calendar__snapshots") }}
),

known as (
    select
        versions.*,
        snapshots.snapshot_date,
        snapshots.is_month_end,
        coalesce(versions.branch_id, 'unknown') as known_branch_id
    from {{ ref("int_customers__versions") }} as versions
    inner join snapshots
        on
            versions.valid_from <= snapshots.snapshot_date
            and (versions.valid_to > snapshots.snapshot_date or versions.valid_to is null)
)

select
    known.customer_id,
    known.snapshot_date,
    known.is_month_end,
    known.customer_type,
    {{ bilingual("types") }} as customer_type_label,
    known.known_branch_id as branch_id,
    coalesce(branches.branch_name, {{ bilingual("no_branch") }}, known.known_branch_id) as branch_name,
    known.manager_id,
    known.opened_date,
    case when known.closed_date <= known.snapshot_date then known.closed_date end as closed_date,
    {{ month_number("known.snapshot_date") }}
    - {{ month_number("known.opened_date") }}
    - case when day(known.snapshot_date) < day(known.opened_date) then 1 else 0 end as tenure_months,
    known.income_band,
    known.occupation_code,
    known.is_vip_elsewhere,
    known.is_head_office_client,
    known.linked_corporate_id,
    known.corporate_role
from known
left join {{ ref("int_branches__snapshots") }} as branches
    on
        known.known_branch_id = branches.branch_id
        and known.snapshot_date = branches.snapshot_date
{{ label_join("types", "customer_type", "known.customer_type", "known.snapshot_date") }}
{{ label_join("no_branch", "branch", "known.known_branch_id", "known.snapshot_date") }}
