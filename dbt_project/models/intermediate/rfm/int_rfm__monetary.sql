-- The daily average of assets, or the turnover where no balances are delivered.
select
    population.customer_id,
    population.snapshot_date,
    population.population,
    'monetary' as measure,
    snapshots.monetary_basis,
    cast(
        case
            when snapshots.monetary_basis = 'aum_window_average' then coalesce(aum.aum_window_average_amount, 0)
            else coalesce(years.turnover_amount, 0)
        end
        as decimal(18, 2)
    ) as ranked_value
from {{ ref("int_rfm__population") }} as population
inner join {{ ref("int_rfm__snapshots") }} as snapshots on population.snapshot_date = snapshots.snapshot_date
left join {{ ref("int_aum__snapshots") }} as aum
    on
        population.customer_id = aum.customer_id
        and population.snapshot_date = aum.snapshot_date
left join {{ ref("int_activity__years") }} as years
    on
        population.customer_id = years.customer_id
        and population.snapshot_date = years.snapshot_date
