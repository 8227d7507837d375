-- Who may get an alert, from which rule, on which days of this run. Customers who have left stay in it, as
-- subjects to which no rule applies: nobody drops out unseen.
with subjects as (
    select
        'customer' as subject_type,
        customer_id as subject_id,
        customer_id,
        is_open,
        starts_date,
        ends_date
    from {{ ref("int_customers__open_spans") }}

    union all

    select
        'branch' as subject_type,
        branch_id as subject_id,
        cast(null as varchar) as customer_id,
        true as is_open,
        min(delivered_on) as starts_date,
        cast(null as date) as ends_date
    from {{ ref("stg_core_banking__branches") }}
    group by branch_id
)

select
    rules.rule_id,
    rules.effective_from as rule_effective_from,
    rules.subject_type,
    rules.comparison,
    subjects.subject_id,
    subjects.customer_id,
    subjects.is_open as is_applicable,
    greatest(subjects.starts_date, rules.first_date) as first_date,
    least(coalesce(subjects.ends_date, rules.last_date), rules.last_date) as last_date
from {{ ref("int_alerts__rule_versions") }} as rules
inner join subjects
    on
        rules.subject_type = subjects.subject_type
        and rules.last_date >= subjects.starts_date
        and (rules.first_date <= subjects.ends_date or subjects.ends_date is null)
where rules.first_date <= rules.last_date
