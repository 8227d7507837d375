-- The customer, the branch and the tier are those of the day of the answer, or of the question while there is none.
with responses as (
    select * from {{ ref("int_satisfaction__responses") }}
),

customers as (
    select * from {{ ref("int_customers__versions") }}
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
    from {{ ref("int_tiers__snapshots") }}
),

placed as (
    select
        responses.*,
        customers.customer_type,
        coalesce(responses.branch_id, customers.branch_id, 'unknown') as known_branch_id,
        coalesce(tiers.tier, 'insufficient_data') as tier
    from responses
    inner join customers
        on
            responses.customer_id = customers.customer_id
            and {{ is_version_of("customers", "responses.response_date") }}
    left join tiers
        on
            responses.customer_id = tiers.customer_id
            and {{ month_number("responses.answered_date") }} = tiers.month_number
)

select
    placed.response_id,
    placed.customer_id,
    placed.survey_kind,
    placed.wave_id,
    placed.metric,
    placed.touchpoint,
    placed.mode,
    placed.score,
    placed.sent_date,
    placed.answered_date,
    placed.answered_local_at,
    last_day(placed.answered_date) as month_end_date,
    placed.known_branch_id as branch_id,
    coalesce(branches.branch_name, {{ bilingual("no_branch") }}, placed.known_branch_id) as branch_name,
    placed.customer_type,
    {{ bilingual("types") }} as customer_type_label,
    placed.tier,
    {{ bilingual("tier_labels") }} as tier_label,
    placed.is_answered,
    -- The latest answer of a customer in a wave is the one that counts.
    placed.is_answered
    and row_number() over (
        partition by placed.customer_id, placed.survey_kind, placed.wave_id, placed.metric, placed.is_answered
        order by placed.answered_local_at desc, placed.response_id desc
    ) = 1 as is_counted,
    placed.promoters,
    placed.passives,
    placed.detractors,
    placed.satisfied,
    placed.confidence_z,
    placed.small_sample_answers
from placed
left join branches on placed.known_branch_id = branches.branch_id
{{ label_join("no_branch", "branch", "placed.known_branch_id", as_of_date()) }}
{{ label_join("types", "customer_type", "placed.customer_type", as_of_date()) }}
{{ label_join("tier_labels", "tier", "placed.tier", as_of_date()) }}
