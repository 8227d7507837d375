-- Days since the last active transaction. Ranked by its negative, so that more recent is higher.
select
    customer_id,
    snapshot_date,
    population,
    'recency' as measure,
    {{ days_between("last_active_date", "snapshot_date") }} as recency_days,
    cast(-{{ days_between("last_active_date", "snapshot_date") }} as decimal(18, 2)) as ranked_value
from {{ ref("int_rfm__population") }}
