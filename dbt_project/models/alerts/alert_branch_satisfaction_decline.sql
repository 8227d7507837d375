-- A branch's NPS of the last full quarter lies significantly below that of the quarter before (A56).
-- The result counts for some days after the quarter; late answers are used from the day they are known.
with rules as (
    {{ rule_in_window("branch_satisfaction_decline") }}
),

days as (
    select
        rules.*,
        {{ each_day("rules.first_date", "rules.last_date") }} as evaluated_date
    from rules
),

quarters as (
    select
        *,
        cast(date_trunc('quarter', evaluated_date) as date) as quarter_start_date,
        {{ add_months("cast(date_trunc('quarter', evaluated_date) as date)", -3) }} as current_start_date,
        {{ add_months("cast(date_trunc('quarter', evaluated_date) as date)", -6) }} as previous_start_date
    from days
),

open_quarters as (
    select * from quarters
    where
        evaluated_date < {{ add_days("quarter_start_date", "window_days") }}
        or evaluated_date = {{ as_of_date() }}
),

answers as (
    select * from {{ ref("int_satisfaction__responses") }}
    where
        metric = 'nps'
        and survey_kind = 'periodic'
        and answer_known_on is not null
        and branch_id is not null
),

known as (
    select
        open_quarters.evaluated_date,
        answers.branch_id,
        answers.answered_date >= open_quarters.current_start_date as is_current,
        answers.is_first_promoter,
        answers.is_first_detractor,
        row_number() over (
            partition by
                open_quarters.evaluated_date,
                answers.branch_id,
                answers.customer_id,
                answers.wave_id,
                answers.answered_date >= open_quarters.current_start_date
            order by answers.answer_known_on desc, answers.answered_local_at desc, answers.response_id desc
        ) as recency
    from open_quarters
    inner join answers
        on
            open_quarters.evaluated_date >= answers.answer_known_on
            and open_quarters.previous_start_date <= answers.answered_date
            and open_quarters.quarter_start_date > answers.answered_date
),

scores as (
    select
        evaluated_date,
        branch_id,
        is_current,
        count(*) as answers,
        avg(case when is_first_promoter then 1.0 else 0.0 end) as promoter_share,
        avg(case when is_first_detractor then 1.0 else 0.0 end) as detractor_share
    from known
    where recency = 1
    group by evaluated_date, branch_id, is_current
),

errors as (
    select
        *,
        100 * (promoter_share - detractor_share) as nps,
        10000
        * (promoter_share + detractor_share - power(promoter_share - detractor_share, 2))
        / answers as squared_error
    from scores
),

compared as (
    select
        errors.evaluated_date,
        errors.branch_id,
        errors.nps,
        errors.answers,
        earlier.nps as previous_nps,
        earlier.answers as previous_answers,
        {{ ratio("errors.nps - earlier.nps", "sqrt(errors.squared_error + earlier.squared_error)") }} as z
    from errors
    left join errors as earlier
        on
            errors.evaluated_date = earlier.evaluated_date
            and errors.branch_id = earlier.branch_id
            and not earlier.is_current
    where errors.is_current
),

results as (
    select
        open_quarters.effective_from,
        open_quarters.threshold,
        open_quarters.evaluated_date,
        open_quarters.current_start_date,
        open_quarters.quarter_start_date,
        compared.branch_id,
        compared.nps,
        compared.previous_nps,
        compared.answers,
        compared.previous_answers,
        compared.z,
        case
            when
                compared.previous_answers is null
                or least(compared.answers, compared.previous_answers) < open_quarters.minimum_sample
                then 'insufficient_data'
            when
                compared.z < open_quarters.threshold
                and open_quarters.evaluated_date
                < {{ add_days("open_quarters.quarter_start_date", "open_quarters.window_days") }}
                then 'firing'
            else 'clear'
        end as status
    from open_quarters
    inner join compared on open_quarters.evaluated_date = compared.evaluated_date
)

select
    'branch_satisfaction_decline' as rule_id,
    effective_from as rule_effective_from,
    'branch' as subject_type,
    branch_id as subject_id,
    cast(null as varchar) as customer_id,
    evaluated_date,
    status,
    round(nps, 6) as observed,
    round(previous_nps, 6) as baseline,
    cast(threshold as double) as threshold,
    current_start_date as window_start_date,
    {{ add_days("quarter_start_date", -1) }} as window_end_date,
    {{
        evidence({
            "nps": "round(nps, 6)",
            "previous_nps": "round(previous_nps, 6)",
            "answers": "answers",
            "previous_answers": "previous_answers",
            "z": "round(z, 6)",
        })
    }} as evidence_json
from results
where status = 'firing' or evaluated_date = {{ as_of_date() }}
