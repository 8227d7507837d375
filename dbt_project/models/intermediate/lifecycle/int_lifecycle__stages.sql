{{ config(materialized="incremental", meta={"replaces": "snapshots"}) }}

-- The stage of a month depends on the stage of the month before: one step of recursion per month of
-- this run, starting from the last month-end of the runs before it (D-14).
with recursive steps as (
    select
        *,
        row_number() over (partition by customer_id order by snapshot_date) as step
    from {{ ref("int_lifecycle__conditions") }}
    where snapshot_date >= {{ window_start() }}
),

states as (
    select
        steps.customer_id,
        cast(0 as bigint) as step,
        cast(null as varchar) as previous_stage,
        {% if is_incremental() %}
            cast(earlier.lifecycle_stage as varchar) as lifecycle_stage,
            cast(coalesce(earlier.months_since_return, 0) as integer) as months_since_return,
            cast(coalesce(earlier.calm_months, 0) as integer) as calm_months
        {% else %}
            cast(null as varchar) as lifecycle_stage,
            cast(0 as integer) as months_since_return,
            cast(0 as integer) as calm_months
        {% endif %}
    from steps
    {% if is_incremental() %}
        left join {{ this }} as earlier
            on
                steps.customer_id = earlier.customer_id
                and earlier.snapshot_date = {{ sub_days(month_start(window_start()), 1) }}
    {% endif %}
    where steps.step = 1

    union all

    select
        customer_id,
        step,
        previous_stage,
        lifecycle_stage,
        case
            when lifecycle_stage <> 'recovered' then 0
            when previous_stage = 'recovered' then months_since_return + 1
            else 1
        end as months_since_return,
        case when lifecycle_stage = 'declining' then calm_months else 0 end as calm_months
    from (
        select
            steps.customer_id,
            steps.step,
            states.lifecycle_stage as previous_stage,
            states.months_since_return,
            case when states.lifecycle_stage = 'declining' and steps.is_calm then states.calm_months + 1 else 0 end
                as calm_months,
            case
                when steps.is_prospect then 'prospect'
                when steps.is_lost then 'lost'
                -- Lost is left through a return only (D-13).
                when states.lifecycle_stage = 'lost' and not steps.is_returning then 'lost'
                when states.lifecycle_stage = 'prospect' then 'onboarding'
                when steps.is_dormant then 'dormant'
                when
                    states.lifecycle_stage in ('lost', 'dormant', 'recovered')
                    and steps.is_returning
                    and states.months_since_return < steps.recovered_months
                    then 'recovered'
                when steps.is_falling then 'declining'
                when
                    states.lifecycle_stage = 'declining'
                    and case when steps.is_calm then states.calm_months + 1 else 0 end < steps.calm_months
                    then 'declining'
                when steps.is_onboarding then 'onboarding'
                when steps.is_growing then 'growth'
                else 'mature'
            end as lifecycle_stage
        from states
        inner join steps on states.customer_id = steps.customer_id and states.step + 1 = steps.step
    ) as next_states
)

select
    states.customer_id,
    steps.snapshot_date,
    steps.is_month_end,
    states.lifecycle_stage,
    states.previous_stage,
    states.months_since_return,
    states.calm_months,
    cast(steps.silent_days as integer) as silent_days,
    steps.active_days,
    steps.baseline_active_days,
    steps.aum_month_average_amount,
    steps.aum_reference_amount,
    steps.policy_version
from states
inner join steps on states.customer_id = steps.customer_id and states.step = steps.step
