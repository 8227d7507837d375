{{ config(materialized="view") }}

-- Fewer active days than before: at most a share of the mean of the windows before, and so few that chance
-- hardly brings them. Not compared where that mean is small; not told before all windows lie in the data.
with rules as (
    {{
        rule(
            "frequency_drop",
            {
                "window_days": "integer",
                "baseline_windows": "integer",
                "minimum_baseline": "decimal(18,4)",
                "maximum_share": "decimal(18,4)",
                "maximum_probability": "decimal(18,4)",
            },
        )
    }}
),

-- From which total of the windows before so few days are improbable.
improbable as (
    select
        rule_effective_from as effective_from,
        cast(argument as integer) as days,
        value as from_total,
        lead(value) over (partition by rule_effective_from order by value) as next_total
    from {{ ref("int_alerts__parameters") }}
    where rule_id = 'frequency_drop' and parameter = 'improbable_from_total'
),

compared as (
    select
        counts.customer_id,
        counts.starts_date,
        counts.ends_before,
        cast(counts.observed_days as integer) as observed_days,
        cast(counts.baseline_days as integer) as baseline_days,
        rules.*,
        improbable.days as improbable_days,
        round({{ ratio("counts.baseline_days", "rules.baseline_windows") }}, 6) as baseline,
        counts.baseline_days >= rules.minimum_baseline * rules.baseline_windows as is_comparable
    from {{ ref("int_alerts__active_day_counts") }} as counts
    inner join rules on counts.effective_from = rules.effective_from
    left join improbable
        on
            counts.effective_from = improbable.effective_from
            and counts.baseline_days >= improbable.from_total
            and (counts.baseline_days < improbable.next_total or improbable.next_total is null)
)

select
    effective_from as rule_effective_from,
    customer_id as subject_id,
    starts_date,
    {{ add_days("ends_before", -1) }} as ends_date,
    case when not is_comparable then 'not_applicable' end as undecided_status,
    case when is_comparable then cast(observed_days as double) end as observed,
    case when is_comparable then baseline end as baseline,
    -- No number of days is improbable where no row of the policy says so.
    case
        when is_comparable
            then least(round(maximum_share * baseline_days / baseline_windows, 6), coalesce(improbable_days, -1))
    end as limit_value,
    0 as preference,
    cast(null as date) as window_start_date,
    cast(null as date) as window_end_date,
    window_days,
    {{
        evidence({
            "observed_days": "observed_days",
            "baseline_days_total": "baseline_days",
            "baseline_windows": "baseline_windows",
            "window_days": "window_days",
            "minimum_baseline": "minimum_baseline",
            "maximum_share": "maximum_share",
            "maximum_probability": "maximum_probability",
            "improbable_days": "improbable_days",
        })
    }} as evidence_json
from compared
