-- When the bank took a customer to be one: closing may be told ahead, late, or taken back.
with turns as (
    select
        customer_id,
        valid_from as turn_date,
        coalesce(closed_date > valid_from, true) as is_open
    from {{ ref("int_customers__versions") }}

    union all

    select
        customer_id,
        closed_date as turn_date,
        false as is_open
    from {{ ref("int_customers__versions") }}
    where closed_date > valid_from and (closed_date < valid_to or valid_to is null)
),

changes as (
    select
        *,
        lag(is_open) over (partition by customer_id order by turn_date) as was_open
    from turns
),

spans as (
    select
        customer_id,
        is_open,
        turn_date as starts_date,
        lead(turn_date) over (partition by customer_id order by turn_date) as ends_before
    from changes
    where is_open is distinct from was_open
)

select
    customer_id,
    is_open,
    starts_date,
    {{ add_days("ends_before", -1) }} as ends_date
from spans
