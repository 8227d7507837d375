-- Customers with an active transaction in the frequency window. Nobody else is scored.
select
    activity.customer_id,
    activity.snapshot_date,
    customers.customer_type as population,
    activity.last_active_date,
    activity.frequency_days
from {{ ref("int_activity__snapshots") }} as activity
inner join {{ ref("int_customers__snapshots") }} as customers
    on
        activity.customer_id = customers.customer_id
        and activity.snapshot_date = customers.snapshot_date
left join {{ ref("rfm_excluded_customers") }} as excluded
    on
        activity.customer_id = excluded.customer_id
        and {{ is_in_force("excluded", "activity.snapshot_date") }}
where
    activity.snapshot_date >= {{ window_start() }}
    and activity.frequency_days > 0
    and excluded.customer_id is null
