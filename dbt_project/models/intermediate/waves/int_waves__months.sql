-- What was known at the end of each month: the latest wave with an answer by then, beside the wave before it.
with answers as (
    select * from {{ ref("int_waves__answers") }}
),

waves as (
    select
        metric,
        wave_id,
        min(month_end_date) as first_month_end_date
    from answers
    group by metric, wave_id
),

span as (
    select
        min(first_month_end_date) as first_date,
        last_day({{ as_of_date() }}) as last_date
    from waves
),

days as (
    select {{ each_day("span.first_date", "span.last_date") }} as spine_date
    from span
),

recent_waves as (
    select
        days.spine_date as month_end_date,
        waves.metric,
        waves.wave_id,
        row_number() over (
            partition by days.spine_date, waves.metric
            order by waves.first_month_end_date desc, waves.wave_id desc
        ) as recency
    from days
    inner join waves on days.spine_date >= waves.first_month_end_date
    where days.spine_date = last_day(days.spine_date)
)

select
    recent_waves.month_end_date,
    answers.metric,
    answers.branch_id,
    max(answers.branch_name) as branch_name,
    answers.customer_type,
    max(answers.customer_type_label) as customer_type_label,
    answers.tier,
    max(answers.tier_label) as tier_label,
    {% for prefix, recency in {"": 1, "previous_": 2}.items() %}
        {% for count in ["responses", "promoters", "passives", "detractors", "satisfied"] %}
            cast(sum(answers.{{ count }}) filter (where recent_waves.recency = {{ recency }}) as bigint)
                as {{ prefix }}{{ count }},
        {% endfor %}
    {% endfor %}
    max(answers.confidence_z) filter (where recent_waves.recency = 1) as confidence_z,
    max(answers.small_sample_answers) filter (where recent_waves.recency = 1) as small_sample_answers
from recent_waves
inner join answers
    on
        recent_waves.metric = answers.metric
        and recent_waves.wave_id = answers.wave_id
        and recent_waves.month_end_date >= answers.month_end_date
where recent_waves.recency <= 2
group by recent_waves.month_end_date, answers.metric, answers.branch_id, answers.customer_type, answers.tier
