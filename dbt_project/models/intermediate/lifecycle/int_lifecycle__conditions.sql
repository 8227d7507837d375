-- Each condition of the stage rules, true or false, for the snapshots of this run.
with months as (
    select
        *,
        {{ month_number("snapshot_date") }} as month_number
    from {{ ref("int_customers__months") }}
    where snapshot_date >= {{ sub_months(month_start(window_start()), 13) }}
),

history as (
    select
        *,
        max(aum_month_average_amount) over (
            partition by customer_id order by month_number range between 12 preceding and 1 preceding
        ) as aum_reference_amount
    from months
),

measured as (
    select
        history.*,
        -- Never active: silent since the account was opened.
        coalesce(history.inactive_days, {{ days_between("customers.opened_date", "history.snapshot_date") }})
            as silent_days,
        customers.closed_date is not null as is_closed
    from history
    inner join {{ ref("int_customers__snapshots") }} as customers
        on
            history.customer_id = customers.customer_id
            and history.snapshot_date = customers.snapshot_date
),

accounts_delivered as (
    select min(delivered_on) as delivered_on from {{ ref("stg_core_banking__accounts") }}
)

select
    measured.customer_id,
    measured.snapshot_date,
    measured.is_month_end,
    measured.active_days,
    measured.baseline_active_days,
    measured.aum_month_average_amount,
    measured.aum_reference_amount,
    measured.silent_days,
    coalesce(
        measured.snapshot_date >= accounts_delivered.delivered_on
        and measured.accounts_ever is null
        and measured.last_active_date is null,
        false
    ) as is_prospect,
    measured.is_closed
    or coalesce(measured.silent_days >= policy.lost_silent_days and measured.aum_amount < policy.lost_aum_amount, false)
        as is_lost,
    measured.silent_days >= policy.dormant_days as is_dormant,
    measured.active_days >= policy.recovered_active_days as is_returning,
    coalesce(
        measured.aum_reference_amount >= policy.declining_reference_aum_amount
        and measured.aum_month_average_amount <= {{ times("policy.declining_aum_ratio", "measured.aum_reference_amount") }},
        false
    )
    or (
        measured.baseline_active_days >= policy.declining_activity_floor * policy.baseline_windows
        and measured.active_days * policy.baseline_windows
        <= policy.declining_activity_ratio * measured.baseline_active_days
    ) as is_falling,
    coalesce(measured.aum_month_average_amount >= {{ times("policy.calm_aum_ratio", "measured.aum_reference_amount") }}, true)
    and measured.active_days * policy.baseline_windows
    >= policy.calm_activity_ratio * measured.baseline_active_days as is_calm,
    measured.tenure_months < policy.onboarding_months as is_onboarding,
    coalesce(
        measured.aum_month_average_amount > 0
        and measured.aum_month_average_amount >= {{ times("policy.growth_aum_ratio", "earlier.aum_month_average_amount") }},
        false
    )
    or coalesce(measured.product_families > earlier.product_families, false) as is_growing,
    policy.recovered_months,
    policy.calm_months,
    policy.policy_version
from measured
inner join {{ ref("int_policy__lifecycle") }} as policy on measured.snapshot_date = policy.snapshot_date
cross join accounts_delivered
left join months as earlier
    on
        measured.customer_id = earlier.customer_id
        and measured.month_number = earlier.month_number + policy.growth_months
