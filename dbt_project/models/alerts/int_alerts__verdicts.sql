-- What each rule says of each subject of the index: on every date of this run on which it fires, and on the last
-- date whatever it says. Clear is only who was compared and lies within the limit; where a rule says nothing of a
-- subject, it cannot be told.
with index as (
    select * from {{ ref("int_alerts__index") }}
),

told as (
    select
        index.*,
        intervals.observed,
        intervals.baseline,
        intervals.limit_value,
        intervals.preference,
        intervals.window_start_date,
        intervals.window_end_date,
        1 - intervals.window_days as window_starts_after,
        intervals.evidence_json,
        greatest(intervals.starts_date, index.first_date) as starts_date,
        least(coalesce(intervals.ends_date, index.last_date), index.last_date) as ends_date,
        case
            when intervals.undecided_status is not null then intervals.undecided_status
            when {{ holds("intervals.observed", "index.comparison", "intervals.limit_value") }} then 'firing'
            else 'clear'
        end as status
    from index
    inner join {{ ref("int_alerts__intervals") }} as intervals
        on
            index.rule_id = intervals.rule_id
            and index.rule_effective_from = intervals.rule_effective_from
            and index.subject_id = intervals.subject_id
            and index.last_date >= intervals.starts_date
            and (index.first_date <= intervals.ends_date or intervals.ends_date is null)
    where index.is_applicable
),

shown as (
    select
        *,
        case when status = 'firing' then starts_date else ends_date end as shown_from
    from told
    where status = 'firing' or ends_date = {{ as_of_date() }}
),

told_days as (
    select
        *,
        {{ each_day("shown_from", "ends_date") }} as evaluated_date
    from shown
),

-- Several intervals of a rule may hold on one day: firing comes first, then what the rule prefers.
ranked as (
    select
        *,
        row_number() over (
            partition by rule_id, subject_id, evaluated_date
            order by
                case status when 'firing' then 0 when 'clear' then 1 else 2 end,
                preference,
                evidence_json
        ) as choice
    from told_days
),

verdicts as (
    select * from ranked
    where choice = 1
),

undecided as (
    select
        index.*,
        case when index.is_applicable then 'insufficient_data' else 'not_applicable' end as status
    from index
    left join verdicts
        on
            index.rule_id = verdicts.rule_id
            and index.subject_id = verdicts.subject_id
            and index.last_date = verdicts.evaluated_date
    where index.last_date = {{ as_of_date() }} and verdicts.rule_id is null
)

select
    rule_id, rule_effective_from, subject_type, subject_id, customer_id, evaluated_date, status,
    observed, baseline, comparison, limit_value,
    coalesce(window_start_date, {{ add_days("evaluated_date", "window_starts_after") }}) as window_start_date,
    coalesce(window_end_date, evaluated_date) as window_end_date,
    evidence_json
from verdicts

union all

select
    rule_id, rule_effective_from, subject_type, subject_id, customer_id, last_date as evaluated_date, status,
    null as observed, null as baseline, comparison, null as limit_value,
    null as window_start_date, null as window_end_date,
    null as evidence_json
from undecided
