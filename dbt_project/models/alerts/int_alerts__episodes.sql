-- Firing days that lie no further apart than the rule's cooldown are one episode. It is an alert once the rule has
-- fired for more days in a row than it waits; until then it is pending, and forgotten when the firing stops.
with firings as (
    select
        firings.*,
        rules.cooldown_days,
        rules.pending_days,
        lag(firings.evaluated_date) over (
            partition by firings.rule_id, firings.subject_id order by firings.evaluated_date
        ) as previous_date
    from {{ ref("int_alerts__firings") }} as firings
    inner join {{ ref("int_alerts__rule_versions") }} as rules
        on
            firings.rule_id = rules.rule_id
            and firings.rule_effective_from = rules.effective_from
),

gaps as (
    select
        *,
        coalesce({{ days_between("previous_date", "evaluated_date") }} > cooldown_days, true) as begins_episode,
        coalesce({{ days_between("previous_date", "evaluated_date") }} > 1, true) as begins_run
    from firings
),

numbered as (
    select
        *,
        sum(case when begins_episode then 1 else 0 end) over subject_days as episode_number,
        sum(case when begins_run then 1 else 0 end) over subject_days as run_number
    from gaps
    window subject_days as (partition by rule_id, subject_id order by evaluated_date)
),

counted as (
    select
        *,
        row_number() over (partition by rule_id, subject_id, run_number order by evaluated_date) as run_days
    from numbered
),

episodes as (
    select
        rule_id,
        subject_id,
        episode_number,
        min(evaluated_date) as fired_date,
        max(evaluated_date) as last_fired_date,
        count(*) as firing_days,
        bool_or(run_days > pending_days) as is_confirmed
    from counted
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
    case
        when not episodes.is_confirmed then 'pending'
        when episodes.last_fired_date = {{ as_of_date() }} then 'firing'
        else 'cleared'
    end as state,
    {{ add_days("episodes.last_fired_date", "numbered.cooldown_days") }} as cooldown_until_date,
    -- The evidence is that of the day on which the episode began.
    numbered.observed,
    numbered.baseline,
    numbered.comparison,
    numbered.limit_value,
    numbered.window_start_date,
    numbered.window_end_date,
    numbered.evidence_json
from episodes
inner join numbered
    on
        episodes.rule_id = numbered.rule_id
        and episodes.subject_id = numbered.subject_id
        and episodes.fired_date = numbered.evaluated_date
where episodes.is_confirmed or episodes.last_fired_date = {{ as_of_date() }}
