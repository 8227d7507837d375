-- Each condition of the stage rules, true or false, for the snapshots of this run.
with months as (
    select
        *,
        {{ month_number("snapshot_date") }} as month_number
    from {{ ref("fct_customer_months") }}
    where snapshot_date >= {{ add_months(month_start(window_start()), -13) }}
),

history as (
    select
        months.*,
        max(months.aum_month_average_amount) over (
            partition by months.customer_id order by months.month_number range between 12 preceding and 1 preceding
        ) as aum_reference_amount
    from months
),

accounts_delivered as (
    select min(delivered_on) as delivered_on from {{ ref("stg_core_banking__accounts") }}
)

select
    history.customer_id,
    history.snapshot_date,
    history.is_month_end,
    history.active_days,
    history.baseline_active_days,
    history.aum_month_average_amount,
    history.aum_reference_amount,
    -- Never active: silent since the account was opened.
    coalesce(history.inactive_days, {{ days_between("customers.opened_date", "history.snapshot_date") }})
        as silent_days,
    coalesce(
        history.snapshot_date >= accounts_delivered.delivered_on
        and history.accounts_ever is null
        and history.last_active_date is null,
        false
    ) as is_prospect,
    coalesce(
        customers.closed_date is not null
        or (
            coalesce(history.inactive_days, {{ days_between("customers.opened_date", "history.snapshot_date") }})
            >= policy.lost_silent_days
            and history.aum_amount < policy.lost_aum_amount
        ),
        false
    ) as is_lost,
    coalesce(history.inactive_days, {{ days_between("customers.opened_date", "history.snapshot_date") }})
    >= policy.dormant_days as is_dormant,
    history.active_days >= policy.recovered_active_days as is_returning,
    coalesce(
        history.aum_reference_amount >= policy.declining_reference_aum_amount
        and history.aum_month_average_amount <= policy.declining_aum_ratio * history.aum_reference_amount,
        false
    )
    or (
        history.baseline_active_days >= policy.declining_activity_floor * policy.baseline_windows
        and history.active_days * policy.baseline_windows
        <= policy.declining_activity_ratio * history.baseline_active_days
    ) as is_falling,
    coalesce(
        history.aum_month_average_amount >= policy.calm_aum_ratio * history.aum_reference_amount, true
    )
    and history.active_days * policy.baseline_windows
    >= policy.calm_activity_ratio * history.baseline_active_days as is_calm,
    history.tenure_months < policy.onboarding_months as is_onboarding,
    coalesce(
        history.aum_month_average_amount > 0
        and history.aum_month_average_amount >= policy.growth_aum_ratio * earlier.aum_month_average_amount,
        false
    )
    or coalesce(history.product_families > earlier.product_families, false) as is_growing,
    policy.recovered_months,
    policy.calm_months,
    policy.policy_version
from history
inner join {{ ref("int_customers__snapshots") }} as customers
    on
        history.customer_id = customers.customer_id
        and history.snapshot_date = customers.snapshot_date
inner join {{ ref("int_policy__lifecycle") }} as policy on history.snapshot_date = policy.snapshot_date
cross join accounts_delivered
left join months as earlier
    on
        history.customer_id = earlier.customer_id
        and history.month_number = earlier.month_number + policy.growth_months
