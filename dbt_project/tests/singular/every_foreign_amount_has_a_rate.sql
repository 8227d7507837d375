{{
    config(
        severity="warn",
        meta={
            "owner": "Treasury",
            "reason": "An amount without a rate is left out and counted; one missing rate must not stop a day's figures.",
            "since": "2026-11-21",
            "dagster": {"ref": {"name": "int_fx__daily_rates"}},
        },
    )
}}

select
    'transactions' as entity,
    activity_date as happened_date,
    sum(unconverted_transactions) as amounts_without_rate
from {{ ref("int_activity__posted_days") }}
where unconverted_transactions > 0 and {{ in_changed_deliveries("delivered_on") }}
group by activity_date

union all

select
    'balances' as entity,
    position_date as happened_date,
    count(*) as amounts_without_rate
from {{ ref("int_aum__positions") }}
where amount_cny is null and position_date >= {{ window_start() }}
group by position_date
