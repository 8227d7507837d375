{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_days('change_date') }}") }}

with positions as (
    select account_id, customer_id, product_family, position_date, amount_cny
    from {{ ref("int_aum__positions") }}
    where position_date >= {{ window_start() }}
),

opening as (
    select
        account_id,
        max_by(amount_cny, position_date) as amount_cny
    from {{ ref("int_aum__positions") }}
    where
        position_date < {{ window_start() }}
        and account_id in (select account_id from positions)
    group by account_id
),

changes as (
    select
        positions.customer_id,
        positions.position_date as change_date,
        families.measure,
        families.product_coefficient
        * (
            coalesce(positions.amount_cny, 0)
            - coalesce(
                lag(positions.amount_cny) over (
                    partition by positions.account_id order by positions.position_date
                ),
                opening.amount_cny,
                0
            )
        ) as amount
    from positions
    left join opening on positions.account_id = opening.account_id
    inner join {{ ref("product_families") }} as families
        on
            positions.product_family = families.product_family
            and {{ is_in_force("families", "positions.position_date") }}
)

select
    customer_id,
    change_date,
    cast(coalesce(sum(amount) filter (where measure = 'deposit'), 0) as decimal(18, 2)) as deposit_change,
    cast(coalesce(sum(amount) filter (where measure = 'investment'), 0) as decimal(18, 2)) as investment_change,
    cast(coalesce(sum(amount) filter (where measure = 'loan'), 0) as decimal(18, 2)) as loan_change
from changes
where measure <> 'none'
group by customer_id, change_date
