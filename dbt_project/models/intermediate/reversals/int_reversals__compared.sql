{{ config(materialized="view") }}

-- Reversals beside the transaction that each one names, and what is wrong with the two together. A delivery that comes
-- again changes only what reversals delivered since can take back, so these are looked at again (D-51).
with reversals as (
    select *
    from {{ ref("stg_core_banking__transactions") }}
    where transaction_type = 'reversal' and delivered_on >= {{ window_start() }}
),

named as (
    select distinct reversal_of
    from reversals
),

-- Few names against all transactions: an inner join, so that files that cannot hold the original are passed over.
originals as (
    select originals.*
    from {{ ref("stg_core_banking__transactions") }} as originals
    inner join named
        on originals.transaction_id = named.reversal_of
)

select
    reversals.transaction_id,
    reversals.reversal_of,
    reversals.customer_id,
    reversals.delivered_on,
    reversals.occurred_at,
    reversals.activity_date,
    reversals.source_file,
    reversals.source_line,
    reversals.currency,
    reversals.amount,
    originals.transaction_type as original_type,
    originals.activity_date as original_date,
    originals.amount as original_amount,
    case
        when reversals.reversal_of is null then 'no_original'
        when originals.transaction_id is null then 'unknown_original'
        when originals.transaction_type = 'reversal' then 'original_is_reversal'
        when originals.customer_id <> reversals.customer_id then 'other_customer'
        when originals.account_id <> reversals.account_id then 'other_account'
        when originals.currency <> reversals.currency then 'other_currency'
        when reversals.reversed_date not in (originals.activity_date, originals.delivered_on) then 'other_day'
        when originals.activity_date > reversals.activity_date then 'before_original'
    end as misfit
from reversals
left join originals
    on
        reversals.reversal_of = originals.transaction_id
        and reversals.delivered_on >= originals.delivered_on
