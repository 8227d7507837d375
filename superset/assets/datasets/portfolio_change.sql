-- Each month beside the month before it, so that a filter on one month still knows both.
with months as (
    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as previous_date
    from (select distinct snapshot_date from fct_portfolio_monthly) as snapshots
),

sides as (
    select
        snapshot_date,
        snapshot_date as source_date,
        1 as is_now,
        0 as is_before
    from months
    union all
    select
        snapshot_date,
        previous_date as source_date,
        0 as is_now,
        1 as is_before
    from months
    where previous_date is not null
)

select
    sides.snapshot_date,
    strftime(sides.snapshot_date, '%Y-%m') as month_label,
    portfolio.branch_name,
    portfolio.customer_type_label,
    portfolio.open_customers * sides.is_now as customers,
    portfolio.open_customers * sides.is_before as previous_customers,
    portfolio.active_customers * sides.is_now as active_customers,
    portfolio.active_customers * sides.is_before as previous_active_customers,
    portfolio.new_customers * sides.is_now as new_customers,
    portfolio.new_customers * sides.is_before as previous_new_customers,
    portfolio.aum_amount * sides.is_now as aum_amount,
    portfolio.aum_amount * sides.is_before as previous_aum_amount
from fct_portfolio_monthly as portfolio
inner join sides on portfolio.snapshot_date = sides.source_date
