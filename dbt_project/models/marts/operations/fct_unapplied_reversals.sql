-- Reversals that took nothing back, with their place in the deliveries (D-51).
select
    reversals.delivered_on,
    reversals.source_file,
    reversals.source_line,
    reversals.customer_id,
    reversals.reversal_status,
    {{ bilingual("statuses") }} as reversal_status_label,
    reversals.activity_date,
    reversals.currency,
    reversals.amount as currency_amount,
    {{ in_cny("reversals.amount", "reversals.currency", "rates.mid_rate") }} as unapplied_amount
from {{ ref("int_reversals__judged") }} as reversals
left join {{ ref("int_fx__daily_rates") }} as rates
    on
        reversals.currency = rates.currency
        and reversals.activity_date = rates.rate_date
{{ label_join("statuses", "reversal_status", "reversals.reversal_status", "reversals.delivered_on") }}
where reversals.reversal_status <> 'applied'
