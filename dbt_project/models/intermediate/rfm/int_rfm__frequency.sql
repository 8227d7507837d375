-- Distinct days with an active transaction in the last full months.
select
    customer_id,
    snapshot_date,
    population,
    'frequency' as measure,
    frequency_days,
    cast(frequency_days as decimal(18, 2)) as ranked_value
from {{ ref("int_rfm__population") }}
