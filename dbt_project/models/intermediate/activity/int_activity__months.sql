{{ config(materialized="ephemeral") }}

-- Transactions of the snapshot's own month, and what was delivered in it about earlier months.
with months as (
    select
        months.*,
        snapshots.snapshot_date,
        months.activity_month_date = months.delivered_month_date as is_own_month
    from {{ ref("int_activity__customer_months") }} as months
    inner join {{ ref("int_calendar__snapshots") }} as snapshots
        on months.delivered_month_date = snapshots.month_start_date
    where months.delivered_month_date >= {{ month_start(window_start()) }}
)

select
    customer_id,
    snapshot_date,
    sum(transactions) filter (where is_own_month) as transactions,
    sum(active_transactions) filter (where is_own_month) as active_transactions,
    {% for amount in ["inflow", "outflow"] + transaction_groups() %}
        sum({{ amount }}_amount) filter (where is_own_month) as {{ amount }}_amount,
    {% endfor %}
    sum(transactions) filter (where not is_own_month) as late_transactions,
    -- What is told late and what is taken back late are two sums: neither is negative.
    sum(inflow_amount + reversed_inflow_amount) filter (where not is_own_month) as late_inflow_amount,
    sum(outflow_amount + reversed_outflow_amount) filter (where not is_own_month) as late_outflow_amount,
    sum(reversed_inflow_amount) filter (where not is_own_month) as late_reversed_inflow_amount,
    sum(reversed_outflow_amount) filter (where not is_own_month) as late_reversed_outflow_amount
from months
group by customer_id, snapshot_date
