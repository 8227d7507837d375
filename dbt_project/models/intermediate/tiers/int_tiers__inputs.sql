-- What the individual tier looks at, one column per criterion.
with customers as (
    select * from {{ ref("int_customers__snapshots") }}
),

head_office_clients as (
    select customer_id, snapshot_date
    from customers
    where customer_type = 'corporate' and is_head_office_client
),

potential as (
    select * from {{ ref("potential_profiles") }}
)

select
    customers.customer_id,
    customers.snapshot_date,
    customers.is_month_end,
    customers.customer_type,
    customers.closed_date is not null as is_closed,
    months.aum_status,
    months.aum_month_average_amount,
    months.card_spend_window_amount,
    months.loan_month_average_amount,
    -- Only head-office-level clients are certain to be gold before the corporate tiers exist.
    customers.corporate_role is not null and head_office_clients.customer_id is not null as is_linked_to_gold,
    income.value is not null or occupation.value is not null as is_potential_profile,
    customers.is_vip_elsewhere
from customers
inner join {{ ref("int_customers__months") }} as months
    on
        customers.customer_id = months.customer_id
        and customers.snapshot_date = months.snapshot_date
left join head_office_clients
    on
        customers.linked_corporate_id = head_office_clients.customer_id
        and customers.snapshot_date = head_office_clients.snapshot_date
left join potential as income
    on
        income.attribute = 'income_band'
        and customers.income_band = income.value
        and {{ is_in_force("income", "customers.snapshot_date") }}
left join potential as occupation
    on
        occupation.attribute = 'occupation_code'
        and customers.occupation_code = occupation.value
        and {{ is_in_force("occupation", "customers.snapshot_date") }}
