-- Contacts of the month of the snapshot, as known on it. Messages that were only sent are touches.
select
    interactions.customer_id,
    snapshots.snapshot_date,
    count(*) filter (where interactions.interaction_type <> 'outbound_message') as interactions,
    count(*) filter (where interactions.interaction_type = 'outbound_message') as touches
from {{ ref("stg_crm__interactions") }} as interactions
inner join {{ ref("int_calendar__snapshots") }} as snapshots
    on
        interactions.delivered_on between snapshots.month_start_date and snapshots.snapshot_date
        and interactions.activity_date >= snapshots.month_start_date
where interactions.delivered_on >= {{ month_start(window_start()) }}
group by interactions.customer_id, snapshots.snapshot_date
