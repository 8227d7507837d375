-- Firing days that lie closer together than the rule's cooldown are one episode.
with firings as (
    select
        firings.*,
        rules.cooldown_days,
        lag(firings.evaluated_date) over (
            partition by firings.rule_id, firings.subject_id order by firings.evaluated_date
        ) as previous_date
    from {{ ref("int_alerts__firings") }} as firings
    inner join {{ ref("alert_rules") }} as rules
        on
            firings.rule_id = rules.rule_id
            and firings.rule_effective_from = rules.effective_from
),

numbered as (
    select
        *,
        sum(
            case
                when
                    previous_date is null
                    or {{ days_between("previous_date", "evaluated_date") }} > cooldown_days
                    then 1
                else 0
            end
        ) over (partition by rule_id, subject_id order by evaluated_date) as episode_number
    from firings
),

episodes as (
    select
        rule_id,
        subject_id,
        episode_number,
        min(evaluated_date) as fired_date,
        max(evaluated_date) as last_fired_date,
        count(*) as firing_days
    from numbered
    group by rule_id, subject_id, episode_number
)

select
    numbered.rule_id,
    numbered.rule_effective_from,
    numbered.subject_type,
    numbered.subject_id,
    numbered.customer_id,
    episodes.fired_date,
    episodes.last_fired_date,
    episodes.firing_days,
    {{ add_days("episodes.last_fired_date", "numbered.cooldown_days") }} as cooldown_until_date,
    -- The evidence is that of the day on which the episode began.
    numbered.observed,
    numbered.baseline,
    numbered.threshold,
    numbered.window_start_date,
    numbered.window_end_date,
    numbered.evidence_json
from episodes
inner join numbered
    on
        episodes.rule_id = numbered.rule_id
        and episodes.subject_id = numbered.subject_id
        and episodes.fired_date = numbered.evaluated_date
