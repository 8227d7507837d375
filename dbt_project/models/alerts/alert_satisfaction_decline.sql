-- A customer's answer is much worse than the one before, in the order in which the answers became known (A56).
-- Periodic and key-node surveys are never compared with each other.
with rules as (
    {{ rule_in_window("satisfaction_decline") }}
),

customers as (
    select * from {{ ref("int_customers__snapshots") }}
    where snapshot_date = {{ as_of_date() }}
),

answers as (
    select * from {{ ref("int_satisfaction__responses") }}
    where metric in ('csat', 'nps') and answer_known_on is not null
),

sequences as (
    select
        customer_id,
        metric,
        survey_kind,
        answer_known_on,
        first_score as score,
        is_first_detractor,
        lag(first_score) over sequence as previous_score,
        lag(is_first_promoter) over sequence as was_promoter,
        lead(answer_known_on) over sequence as next_known_on
    from answers
    window sequence as (
        partition by customer_id, metric, survey_kind order by answer_known_on, answered_local_at, response_id
    )
),

pairs as (
    select
        sequences.*,
        rules.effective_from,
        rules.threshold,
        greatest(sequences.answer_known_on, rules.first_date) as starts_date,
        least(
            {{ add_days("sequences.answer_known_on", "rules.window_days - 1") }},
            coalesce({{ add_days("sequences.next_known_on", -1) }}, rules.last_date),
            rules.last_date
        ) as ends_date,
        case
            when sequences.metric = 'csat' then sequences.score - sequences.previous_score <= rules.threshold
            else sequences.was_promoter and sequences.is_first_detractor
        end as is_firing
    from sequences
    cross join rules
    where sequences.previous_score is not null
),

firing_days as (
    select
        *,
        {{ each_day("starts_date", "ends_date") }} as evaluated_date
    from pairs
    where is_firing and starts_date <= ends_date
),

-- Two sequences may fire on the same day: the larger fall is the evidence.
firing as (
    select
        *,
        row_number() over (
            partition by customer_id, effective_from, evaluated_date
            order by score - previous_score, metric, survey_kind
        ) as preference
    from firing_days
    where {{ is_still_customer("firing_days") }}
),

compared as (
    select distinct customer_id from sequences
    where previous_score is not null
),

quiet_today as (
    select
        customers.customer_id,
        rules.effective_from,
        rules.threshold,
        case
            when customers.closed_date is not null then 'not_applicable'
            when compared.customer_id is null then 'insufficient_data'
            else 'clear'
        end as status
    from customers
    inner join rules on rules.last_date = {{ as_of_date() }}
    left join compared on customers.customer_id = compared.customer_id
    left join firing
        on
            customers.customer_id = firing.customer_id
            and rules.effective_from = firing.effective_from
            and firing.evaluated_date = {{ as_of_date() }}
            and firing.preference = 1
    where firing.customer_id is null
),

results as (
    select
        customer_id, effective_from, threshold, evaluated_date, answer_known_on,
        score, previous_score, metric, survey_kind, 'firing' as status
    from firing
    where preference = 1

    union all

    select
        customer_id, effective_from, threshold, {{ as_of_date() }} as evaluated_date, null as answer_known_on,
        null as score, null as previous_score, null as metric, null as survey_kind, status
    from quiet_today
)

select
    'satisfaction_decline' as rule_id,
    effective_from as rule_effective_from,
    'customer' as subject_type,
    customer_id as subject_id,
    customer_id,
    evaluated_date,
    status,
    cast(score as double) as observed,
    cast(previous_score as double) as baseline,
    cast(threshold as double) as threshold,
    answer_known_on as window_start_date,
    evaluated_date as window_end_date,
    {{
        evidence(
            {"score": "score", "previous_score": "previous_score"},
            {"metric": "metric", "survey_kind": "survey_kind"},
        )
    }} as evidence_json
from results
