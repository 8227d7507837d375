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
        snapshots.snapshot_date >= accounts.valid_from
        and (snapshots.snapshot_date < accounts.valid_to or accounts.valid_to is null)
left join {{ ref("int_products__versions") }} as products
    on
        accounts.product_id = products.product_id
        and snapshots.snapshot_date >= products.valid_from
        and (snapshots.snapshot_date < products.valid_to or products.valid_to is null)
group by accounts.customer_id, snapshots.snapshot_date
