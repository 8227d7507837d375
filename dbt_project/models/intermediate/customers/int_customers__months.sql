{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- A customer's month in one row, as known on the snapshot. Assets that nobody knows yet are empty, not zero.
select
    customers.customer_id,
    customers.snapshot_date,
    customers.is_month_end,
    customers.customer_type,
    customers.branch_id,
    customers.tenure_months,
    case when aum.customer_id is null then 'insufficient_data' else 'ok' end as aum_status,
    aum.aum_amount,
    aum.deposit_amount,
    aum.investment_amount,
    aum.loan_amount,
    aum.aum_month_average_amount,
    aum.deposit_month_average_amount,
    aum.investment_month_average_amount,
    aum.loan_month_average_amount,
    aum.aum_window_average_amount,
    cast(coalesce(months.transactions, 0) as bigint) as transactions,
    cast(coalesce(months.active_transactions, 0) as bigint) as active_transactions,
    {% for amount in ["inflow", "outflow"] + transaction_groups() %}
        cast(coalesce(months.{{ amount }}_amount, 0) as decimal(18, 2)) as {{ amount }}_amount,
    {% endfor %}
    cast(coalesce(months.late_transactions, 0) as bigint) as late_transactions,
    cast(coalesce(months.late_inflow_amount, 0) as decimal(18, 2)) as late_inflow_amount,
    cast(coalesce(months.late_outflow_amount, 0) as decimal(18, 2)) as late_outflow_amount,
    cast(coalesce(months.late_reversed_inflow_amount, 0) as decimal(18, 2)) as late_reversed_inflow_amount,
    cast(coalesce(months.late_reversed_outflow_amount, 0) as decimal(18, 2)) as late_reversed_outflow_amount,
    cast(coalesce(years.turnover_amount, 0) as decimal(18, 2)) as turnover_window_amount,
    cast(coalesce(years.card_spend_amount, 0) as decimal(18, 2)) as card_spend_window_amount,
    cast(activity.active_days as integer) as active_days,
    cast(activity.baseline_days as integer) as baseline_active_days,
    cast(activity.frequency_days as integer) as frequency_days,
    activity.last_active_date,
    cast({{ days_between("activity.last_active_date", "customers.snapshot_date") }} as integer) as inactive_days,
    activity.active_days > 0 as is_active,
    cast(accounts.accounts_ever as integer) as accounts_ever,
    cast(accounts.product_families as integer) as product_families,
    cast(coalesce(interactions.interactions, 0) as integer) as interactions,
    cast(coalesce(interactions.touches, 0) as integer) as touches
from {{ ref("int_customers__snapshots") }} as customers
inner join {{ ref("int_activity__snapshots") }} as activity
    on
        customers.customer_id = activity.customer_id
        and customers.snapshot_date = activity.snapshot_date
left join {{ ref("int_aum__snapshots") }} as aum
    on
        customers.customer_id = aum.customer_id
        and customers.snapshot_date = aum.snapshot_date
left join {{ ref("int_activity__months") }} as months
    on
        customers.customer_id = months.customer_id
        and customers.snapshot_date = months.snapshot_date
left join {{ ref("int_activity__years") }} as years
    on
        customers.customer_id = years.customer_id
        and customers.snapshot_date = years.snapshot_date
left join {{ ref("int_customers__accounts") }} as accounts
    on
        customers.customer_id = accounts.customer_id
        and customers.snapshot_date = accounts.snapshot_date
left join {{ ref("int_activity__interactions") }} as interactions
    on
        customers.customer_id = interactions.customer_id
        and customers.snapshot_date = interactions.snapshot_date
