{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_snapshots() }}") }}

with customers as (
    select * from {{ ref("int_customers__snapshots") }}
),

-- Rows of the snapshot's own month, and what was delivered in it about earlier months.
months as (
    select
        months.*,
        snapshots.snapshot_date,
        months.activity_month_date = months.delivered_month_date as is_own_month
    from {{ ref("int_activity__customer_months") }} as months
    inner join {{ ref("int_calendar__snapshots") }} as snapshots
        on months.delivered_month_date = snapshots.month_start_date
    where months.delivered_month_date >= {{ month_start(window_start()) }}
),

transactions as (
    select
        customer_id,
        snapshot_date,
        sum(transactions) filter (where is_own_month) as transactions,
        sum(active_transactions) filter (where is_own_month) as active_transactions,
        {% for amount in [
            "inflow", "outflow", "salary", "card_spend", "same_name_in", "same_name_out", "transfer_in",
            "transfer_out", "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
        ] %}
            sum({{ amount }}_amount) filter (where is_own_month) as {{ amount }}_amount,
        {% endfor %}
        sum(transactions) filter (where not is_own_month) as late_transactions,
        sum(inflow_amount) filter (where not is_own_month) as late_inflow_amount,
        sum(outflow_amount) filter (where not is_own_month) as late_outflow_amount
    from months
    group by customer_id, snapshot_date
),

first_balance as (
    select min(change_date) as change_date from {{ ref("int_aum__changes") }}
),

aum_status as (
    select
        snapshots.snapshot_date,
        case
            when snapshots.snapshot_date >= first_balance.change_date then 'ok' else 'insufficient_data'
        end as status
    from {{ ref("int_calendar__snapshots") }} as snapshots
    cross join first_balance
)

select
    customers.customer_id,
    customers.snapshot_date,
    customers.is_month_end,
    customers.customer_type,
    customers.branch_id,
    customers.tenure_months,
    aum_status.status as aum_status,
    {% for column in ["aum", "deposit", "investment", "loan"] %}
        case
            when aum_status.status = 'ok'
                then
                    {% if column == "aum" %}
                        {{ money("aum.deposit_amount + aum.investment_amount") }}
                    {% else %}
                        aum.{{ column }}_amount
                    {% endif %}
        end as {{ column }}_amount,
    {% endfor %}
    {% for column in ["aum_month", "deposit_month", "investment_month", "loan_month"] %}
        case when aum_status.status = 'ok' then aum.{{ column }}_average_amount end as {{ column }}_average_amount,
    {% endfor %}
    case when aum_status.status = 'ok' then aum.aum_window_average_amount end as aum_90_average_amount,
    cast(coalesce(transactions.transactions, 0) as bigint) as transactions,
    cast(coalesce(transactions.active_transactions, 0) as bigint) as active_transactions,
    {% for amount in [
        "inflow", "outflow", "salary", "card_spend", "same_name_in", "same_name_out", "transfer_in",
        "transfer_out", "investment_bought", "investment_sold", "loan_drawn", "loan_repaid", "fee",
    ] %}
        {{ money("coalesce(transactions." ~ amount ~ "_amount, 0)") }} as {{ amount }}_amount,
    {% endfor %}
    cast(coalesce(transactions.late_transactions, 0) as bigint) as late_transactions,
    {{ money("coalesce(transactions.late_inflow_amount, 0)") }} as late_inflow_amount,
    {{ money("coalesce(transactions.late_outflow_amount, 0)") }} as late_outflow_amount,
    {{ money("coalesce(years.turnover_amount, 0)") }} as turnover_12m_amount,
    {{ money("coalesce(years.card_spend_amount, 0)") }} as card_spend_12m_amount,
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
from customers
inner join {{ ref("int_activity__snapshots") }} as activity
    on
        customers.customer_id = activity.customer_id
        and customers.snapshot_date = activity.snapshot_date
inner join {{ ref("int_aum__snapshots") }} as aum
    on
        customers.customer_id = aum.customer_id
        and customers.snapshot_date = aum.snapshot_date
inner join aum_status on customers.snapshot_date = aum_status.snapshot_date
left join transactions
    on
        customers.customer_id = transactions.customer_id
        and customers.snapshot_date = transactions.snapshot_date
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
