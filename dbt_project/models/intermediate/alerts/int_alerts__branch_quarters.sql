{{ config(materialized="view") }}

-- NPS of each branch in the last two full quarters, as known on each day on which it is compared. A score holds from
-- the first day of a quarter, or from the day on which late answers became known, until the next such day.
with rules as (
    {{ rule("branch_satisfaction_decline", {"counts_for_days": "integer"}) }}
),

answers as (
    select * from {{ ref("int_satisfaction__responses") }}
    where
        metric = 'nps'
        and survey_kind = 'periodic'
        and answer_known_on is not null
        and branch_id is not null
),

days as (
    select
        rules.*,
        {{ each_day("first_date", "last_date") }} as quarter_day
    from rules
),

ended as (
    select distinct
        effective_from,
        first_date,
        counts_for_days,
        cast(date_trunc('quarter', quarter_day) as date) as ended_before
    from days
),

quarters as (
    select
        *,
        {{ add_months("ended_before", -3) }} as current_from,
        {{ add_months("ended_before", -6) }} as previous_from,
        {{ add_days("ended_before", "counts_for_days") }} as counts_before
    from ended
),

turns as (
    select *, greatest(ended_before, first_date) as starts_date
    from quarters

    union distinct

    select quarters.*, answers.answer_known_on as starts_date
    from quarters
    inner join answers
        on
            quarters.previous_from <= answers.answered_date
            and quarters.ended_before > answers.answered_date
            and greatest(quarters.ended_before, quarters.first_date) < answers.answer_known_on
),

intervals as (
    select
        *,
        lead(starts_date) over (partition by effective_from, ended_before order by starts_date) as next_starts_date
    from turns
    where starts_date < counts_before
),

known as (
    select
        intervals.*,
        answers.branch_id,
        answers.is_first_promoter,
        answers.is_first_detractor,
        answers.answered_date >= intervals.current_from as is_current,
        row_number() over (
            partition by
                intervals.effective_from, intervals.ended_before, intervals.starts_date, answers.branch_id,
                answers.customer_id, answers.wave_id, answers.answered_date >= intervals.current_from
            order by answers.answer_known_on desc, answers.answered_local_at desc, answers.response_id desc
        ) as recency
    from intervals
    inner join answers
        on
            intervals.starts_date >= answers.answer_known_on
            and intervals.previous_from <= answers.answered_date
            and intervals.ended_before > answers.answered_date
)

select
    effective_from, branch_id, starts_date, is_current, current_from, ended_before,
    coalesce(next_starts_date, counts_before) as ends_before,
    sum(case when is_first_promoter then 1 else 0 end) as promoters,
    sum(case when is_first_promoter or is_first_detractor then 0 else 1 end) as passives,
    sum(case when is_first_detractor then 1 else 0 end) as detractors
from known
where recency = 1
group by
    effective_from, branch_id, starts_date, is_current, current_from, ended_before, next_starts_date, counts_before
