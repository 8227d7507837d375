{{ config(materialized="incremental", incremental_strategy="append", pre_hook="{{ replace_snapshots() }}") }}

-- First match wins. The reason names the criterion, so that the row explains itself.
with reasons as (
    select
        inputs.*,
        policy.policy_version,
        case
            when inputs.customer_type <> 'individual' then 'not_applicable'
            when inputs.is_closed then 'closed'
            when inputs.aum_month_average_amount >= policy.vip_aum_amount then 'vip_aum'
            when inputs.card_spend_12m_amount >= policy.vip_card_spend_amount then 'vip_card_spend'
            when inputs.loan_month_average_amount >= policy.vip_loan_amount then 'vip_loan'
            when inputs.is_linked_to_gold then 'vip_corporate_link'
            when inputs.aum_month_average_amount >= policy.target_aum_share * policy.vip_aum_amount
                then 'target_aum'
            when inputs.is_potential_profile then 'target_profile'
            when inputs.is_vip_elsewhere then 'target_vip_elsewhere'
            -- Assets unknown: neither mass nor negative can be told.
            when inputs.aum_status <> 'ok' then 'insufficient_data'
            -- Negative needs the contribution, which needs rates and costs that are not delivered yet.
            else 'mass'
        end as tier_reason
    from {{ ref("int_tiers__inputs") }} as inputs
    inner join {{ ref("int_policy__tier") }} as policy on inputs.snapshot_date = policy.snapshot_date
)

select
    customer_id,
    snapshot_date,
    is_month_end,
    customer_type,
    case
        when tier_reason like 'vip_%' then 'vip'
        when tier_reason like 'target_%' then 'target'
        else tier_reason
    end as tier,
    tier_reason,
    aum_month_average_amount,
    card_spend_12m_amount,
    loan_month_average_amount,
    is_linked_to_gold,
    is_potential_profile,
    is_vip_elsewhere,
    policy_version
from reasons
