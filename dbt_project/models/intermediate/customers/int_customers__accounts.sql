-- Accounts a customer has ever had and the product families of the open ones.
-- No row at all where accounts are not delivered.
select
    accounts.customer_id,
    snapshots.snapshot_date,
    count(*) as accounts_ever,
    count(distinct products.product_family) filter (
        where accounts.closed_date > snapshots.snapshot_date or accounts.closed_date is null
    ) as product_families
from {{ ref("int_calendar__snapshots") }} as snapshots
inner join {{ ref("int_accounts__versions") }} as accounts
    on
        accounts.valid_from <= snapshots.snapshot_date
        and (accounts.valid_to > snapshots.snapshot_date or accounts.valid_to is null)
left join {{ ref("int_products__versions") }} as products
    on
        accounts.product_id = products.product_id
        and products.valid_from <= snapshots.snapshot_date
        and (products.valid_to > snapshots.snapshot_date or products.valid_to is null)
group by accounts.customer_id, snapshots.snapshot_date
