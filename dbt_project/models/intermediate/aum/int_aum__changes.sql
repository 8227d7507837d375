{{ config(materialized="incremental", meta={"replaces": "days", "by": "change_date"}) }}

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

differences as (
    select
        positions.customer_id,
        positions.product_family,
        positions.position_date,
        coalesce(positions.amount_cny, 0)
        - coalesce(
            lag(positions.amount_cny) over (partition by positions.account_id order by positions.position_date),
            opening.amount_cny,
            0
        ) as amount
    from positions
    left join opening on positions.account_id = opening.account_id
),

changes as (
    select
        differences.customer_id,
        differences.position_date as change_date,
        families.measure,
        -- Nearly all families count in full; cutting a product back to cents costs far more than the sums.
        case
            when families.product_coefficient = 1 then differences.amount
            else cast({{ times("families.product_coefficient", "differences.amount") }} as decimal(18, 2))
        end as amount
    from differences
    inner join {{ ref("product_families") }} as families
        on
            differences.product_family = families.product_family
            and {{ is_in_force("families", "differences.position_date") }}
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
