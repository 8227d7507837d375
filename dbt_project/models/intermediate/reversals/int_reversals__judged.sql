{{ config(materialized="incremental", meta={"replaces": "days", "by": "delivered_on"}) }}

-- What became of each reversal, in the order in which they were posted: one takes back its whole amount from what its
-- original has left, or nothing.
with recursive numbered as (
    select
        *,
        row_number() over (partition by reversal_of order by delivered_on, occurred_at, transaction_id) as turn
    from {{ ref("int_reversals__compared") }}
    where misfit is null
),

taken_before as (
    {% if is_incremental() %}
        select
            reversal_of,
            sum(amount) as amount,
            max(case when is_last_part then 1 else 0 end) = 1 as is_used_up
        from {{ this }}
        where delivered_on < {{ window_start() }} and reversal_status = 'applied'
        group by reversal_of
    {% else %}
        select null as reversal_of, 0 as amount, false as is_used_up
        where false
    {% endif %}
),

-- One after the other: what is too much for what is left takes nothing, and leaves it to the next.
turns as (
    select
        numbered.transaction_id,
        numbered.reversal_of,
        numbered.turn,
        numbered.amount,
        cast(numbered.original_amount - coalesce(taken_before.amount, 0) as decimal(18, 2)) as left_amount,
        coalesce(taken_before.is_used_up, false) as is_used_up
    from numbered
    left join taken_before on numbered.reversal_of = taken_before.reversal_of
    where numbered.turn = 1

    union all

    select
        numbered.transaction_id,
        numbered.reversal_of,
        numbered.turn,
        numbered.amount,
        cast(
            turns.left_amount - case when turns.amount <= turns.left_amount then turns.amount else 0 end
            as decimal(18, 2)
        ) as left_amount,
        turns.is_used_up or turns.amount = turns.left_amount as is_used_up
    from turns
    inner join numbered
        on
            turns.reversal_of = numbered.reversal_of
            and turns.turn + 1 = numbered.turn
)

select
    compared.transaction_id,
    compared.reversal_of,
    compared.customer_id,
    compared.delivered_on,
    compared.activity_date,
    compared.source_file,
    compared.source_line,
    compared.currency,
    compared.amount,
    compared.original_type,
    compared.original_date,
    turns.left_amount,
    coalesce(compared.amount = turns.left_amount and not turns.is_used_up, false) as is_last_part,
    case
        when compared.misfit is not null then compared.misfit
        when turns.is_used_up then 'already_reversed'
        when compared.amount > turns.left_amount then 'more_than_left'
        else 'applied'
    end as reversal_status
from {{ ref("int_reversals__compared") }} as compared
left join turns on compared.transaction_id = turns.transaction_id
