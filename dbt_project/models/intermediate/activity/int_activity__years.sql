-- Amounts of the last full months, as known on the snapshot date.
select
    months.customer_id,
    windows.snapshot_date,
    cast(sum(months.active_amount) as decimal(18, 2)) as turnover_amount,
    -- A purchase that the merchant has refunded was not spent; refunds of older purchases leave nothing, not less.
    cast(greatest(sum(months.card_spend_amount) - sum(months.refund_amount), 0) as decimal(18, 2)) as card_spend_amount
from {{ ref("int_activity__customer_months") }} as months
inner join {{ ref("int_activity__windows") }} as windows
    on
        months.activity_month_date between windows.frequency_start_date and windows.frequency_end_date
        and months.delivered_month_date <= windows.snapshot_date
group by months.customer_id, windows.snapshot_date
