{{ config(materialized="view") }}

-- A branch's NPS of the last full quarter lies significantly below that of the quarter before: by more standard errors
-- of the change than policy says.
with rules as (
    {{
        rule(
            "branch_satisfaction_decline",
            {"minimum_answers": "integer", "standard_errors": "decimal(18,4)"},
        )
    }}
),

quarters as (
    select
        *,
        {{ nps("promoters", "passives", "detractors") }} as nps,
        {{ nps_answers("promoters", "passives", "detractors") }} as answers,
        {{ nps_standard_error("promoters", "passives", "detractors") }} as standard_error
    from {{ ref("int_alerts__branch_quarters") }}
),

compared as (
    select
        later.*,
        rules.standard_errors,
        rules.minimum_answers,
        round(later.nps, 6) as current_nps,
        round(earlier.nps, 6) as previous_nps,
        round(later.nps - earlier.nps, 6) as nps_change,
        earlier.answers as previous_answers,
        earlier.promoters as previous_promoters,
        earlier.detractors as previous_detractors,
        round(sqrt(power(later.standard_error, 2) + power(earlier.standard_error, 2)), 6) as change_error,
        coalesce(least(later.answers, earlier.answers) >= rules.minimum_answers, false)
        and earlier.answers is not null as is_comparable
    from quarters as later
    inner join rules on later.effective_from = rules.effective_from
    left join quarters as earlier
        on
            later.effective_from = earlier.effective_from
            and later.branch_id = earlier.branch_id
            and later.starts_date = earlier.starts_date
            and later.ended_before = earlier.ended_before
            and not earlier.is_current
    where later.is_current
)

select
    effective_from as rule_effective_from,
    branch_id as subject_id,
    starts_date,
    {{ add_days("ends_before", -1) }} as ends_date,
    case when not is_comparable then 'insufficient_data' end as undecided_status,
    case when is_comparable then nps_change end as observed,
    case when is_comparable then previous_nps end as baseline,
    case when is_comparable then round(0 - standard_errors * change_error, 6) end as limit_value,
    0 as preference,
    current_from as window_start_date,
    {{ add_days("ended_before", -1) }} as window_end_date,
    cast(null as integer) as window_days,
    {{
        evidence({
            "nps": "current_nps",
            "previous_nps": "previous_nps",
            "answers": "answers",
            "promoters": "promoters",
            "detractors": "detractors",
            "previous_answers": "previous_answers",
            "previous_promoters": "previous_promoters",
            "previous_detractors": "previous_detractors",
            "minimum_answers": "minimum_answers",
            "standard_errors": "standard_errors",
            "change_error": "change_error",
        })
    }} as evidence_json
from compared
