{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- What the last month-end before this run closed with, and every change since.
with changes as (
    select
        changes.customer_id,
        snapshots.snapshot_date,
        sum(changes.deposit_change) as deposit_change,
        sum(changes.investment_change) as investment_change,
        sum(changes.loan_change) as loan_change
    from {{ ref("int_aum__changes") }} as changes
    inner join {{ ref("int_calendar__snapshots") }} as snapshots
        on
            changes.change_date > snapshots.previous_snapshot_date
            and changes.change_date <= snapshots.snapshot_date
    where changes.change_date >= {{ month_start(window_start()) }}
    group by changes.customer_id, snapshots.snapshot_date
)

select
    customers.customer_id,
    customers.snapshot_date,
    {% for measure in ["deposit", "investment", "loan"] %}
        cast(
            sum(coalesce(changes.{{ measure }}_change, 0)) over until_then
            {% if is_incremental() %}+ coalesce(opening.{{ measure }}_amount, 0){% endif %}
            as decimal(18, 2)
        ) as {{ measure }}_amount{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref("int_customers__snapshots") }} as customers
left join changes
    on
        customers.customer_id = changes.customer_id
        and customers.snapshot_date = changes.snapshot_date
{% if is_incremental() %}
    left join {{ this }} as opening
        on
            customers.customer_id = opening.customer_id
            and opening.snapshot_date = {{ sub_days(month_start(window_start()), 1) }}
{% endif %}
window until_then as (partition by customers.customer_id order by customers.snapshot_date)
