-- One row per episode. The identifier depends on subject, rule and first day only, so a run again gives the same.
with episodes as (
    select
        episodes.*,
        rules.rule_version,
        rules.alert_family,
        rules.alert_family_label,
        rules.rule_label,
        rules.metric,
        rules.unit,
        rules.mode,
        {{ month_number(as_of_date()) }} - {{ month_number("episodes.fired_date") }} as months_ago
    from {{ ref("int_alerts__episodes") }} as episodes
    inner join {{ ref("fct_alert_rules") }} as rules
        on
            episodes.rule_id = rules.rule_id
            and episodes.rule_effective_from = rules.effective_from
),

-- Customer and tier are those of the day on which the alert began; names are those of the data's date.
described as (
    select
        episodes.*,
        customers.customer_type,
        case
            when episodes.customer_id is null then episodes.subject_id
            else coalesce(customers.branch_id, 'unknown')
        end as branch_id,
        case when episodes.customer_id is not null then coalesce(tiers.tier, 'insufficient_data') end as tier
    from episodes
    left join {{ ref("int_customers__versions") }} as customers
        on
            episodes.customer_id = customers.customer_id
            and episodes.fired_date >= customers.valid_from
            and (episodes.fired_date < customers.valid_to or customers.valid_to is null)
    left join {{ ref("int_tiers__snapshots") }} as tiers
        on
            episodes.customer_id = tiers.customer_id
            and {{ add_days(month_start(add_days("episodes.fired_date", 1)), -1) }} = tiers.snapshot_date
)

select
    md5(described.subject_id || '|' || described.rule_id || '|' || cast(described.fired_date as varchar)) as alert_id,
    described.rule_id,
    described.rule_version,
    described.alert_family,
    described.alert_family_label,
    described.rule_label,
    described.subject_type,
    described.subject_id,
    described.customer_id,
    described.fired_date,
    described.last_fired_date,
    {{ as_of_date() }} as as_of_date,
    cast(described.firing_days as integer) as firing_days,
    described.metric,
    described.observed,
    described.baseline,
    described.comparison,
    described.limit_value,
    described.unit,
    described.window_start_date,
    described.window_end_date,
    described.evidence_json,
    described.state,
    {{ bilingual("states") }} as state_label,
    described.cooldown_until_date,
    described.mode,
    described.state = 'firing' and described.mode = 'live' as is_open_alert,
    described.months_ago = 0 and described.mode = 'live' and described.state <> 'pending' as is_new_this_month,
    described.months_ago = 1 and described.mode = 'live' and described.state <> 'pending' as is_new_last_month,
    described.customer_type,
    {{ bilingual("types") }} as customer_type_label,
    described.branch_id,
    coalesce(branches.branch_name, {{ bilingual("no_branch") }}, described.branch_id) as branch_name,
    described.tier,
    {{ bilingual("tiers") }} as tier_label
from described
left join {{ ref("int_branches__snapshots") }} as branches
    on
        described.branch_id = branches.branch_id
        and branches.snapshot_date = {{ as_of_date() }}
{{ label_join("states", "alert_state", "described.state", as_of_date()) }}
{{ label_join("types", "customer_type", "described.customer_type", as_of_date()) }}
{{ label_join("no_branch", "branch", "described.branch_id", as_of_date()) }}
{{ label_join("tiers", "tier", "described.tier", as_of_date()) }}
