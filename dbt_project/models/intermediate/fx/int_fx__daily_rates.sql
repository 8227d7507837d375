-- A currency that is not delivered kept its rate.
with rates as (
    select
        currency,
        mid_rate,
        delivered_on,
        lead(delivered_on) over (partition by currency order by delivered_on) as next_delivered_on
    from {{ ref("stg_core_banking__fx_rates") }}
),

periods as (
    select
        *,
        coalesce({{ sub_days("next_delivered_on", 1) }}, {{ as_of_date() }}) as last_date
    from rates
)

select
    currency,
    mid_rate,
    {{ each_day("delivered_on", "last_date") }} as rate_date
from periods
