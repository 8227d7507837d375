with responses as (
    select * from {{ ref("int_satisfaction__responses") }}
),

customers as (
    select * from {{ ref("dim_customers") }}
),

branches as (
    select * from {{ ref("int_branches__snapshots") }}
    where snapshot_date = {{ as_of_date() }}
),

tiers as (
    select
        customer_id,
        tier,
        {{ month_number("snapshot_date") }} as month_number
    from {{ ref("fct_customer_tiers") }}
)

select
    responses.response_id,
    responses.customer_id,
    responses.survey_kind,
    responses.wave_id,
    responses.metric,
    responses.touchpoint,
    responses.mode,
    responses.score,
    responses.sent_date,
    responses.answered_date,
    {{ to_utc("responses.answered_local_at") }} as answered_at,
    last_day(responses.answered_date) as month_end_date,
    coalesce(responses.branch_id, customers.branch_id) as branch_id,
    coalesce(branches.branch_name, responses.branch_id, customers.branch_name) as branch_name,
    customers.customer_type,
    customers.customer_type_label,
    coalesce(tiers.tier, 'insufficient_data') as tier,
    {{ bilingual("tier_labels") }} as tier_label,
    responses.is_answered,
    -- The latest answer of a customer in a wave is the one that counts.
    responses.is_answered
    and row_number() over (
        partition by
            responses.customer_id, responses.survey_kind, responses.wave_id, responses.metric, responses.is_answered
        order by responses.answered_local_at desc, responses.response_id desc
    ) = 1 as is_counted,
    responses.promoters,
    responses.passives,
    responses.detractors,
    responses.satisfied,
    responses.confidence_z,
    responses.small_sample_answers
from responses
inner join customers on responses.customer_id = customers.customer_id
left join branches on responses.branch_id = branches.branch_id
left join tiers
    on
        responses.customer_id = tiers.customer_id
        and {{ month_number("responses.answered_date") }} = tiers.month_number
{{ label_join("tier_labels", "tier", "coalesce(tiers.tier, 'insufficient_data')", as_of_date()) }}
