-- The days each snapshot averages over, and since when there are balances.
with lengths as (
    select
        rfm.snapshot_date,
        {{ month_start("rfm.snapshot_date") }} as month_start_date,
        day(rfm.snapshot_date) as month_days,
        rfm.aum_days,
        {{ sub_days(add_days("rfm.snapshot_date", 1), "rfm.aum_days") }} as window_start_date,
        divisor.day_divisor_days
    from {{ ref("int_policy__rfm") }} as rfm
    inner join {{ ref("int_policy__calendar") }} as divisor on rfm.snapshot_date = divisor.snapshot_date
),

first_balance as (
    select min(change_date) as first_balance_date from {{ ref("int_aum__changes") }}
)

select
    lengths.snapshot_date,
    lengths.month_start_date,
    lengths.month_days,
    case when lengths.day_divisor_days > 0 then lengths.day_divisor_days else lengths.month_days end as month_divisor,
    lengths.aum_days,
    lengths.window_start_date,
    first_balance.first_balance_date
from lengths
cross join first_balance
