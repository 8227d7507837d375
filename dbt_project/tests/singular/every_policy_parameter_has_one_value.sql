{{ config(meta={"dagster": {"ref": {"name": "policy_parameters"}}}) }}

-- A gap would make a rule silently empty, an overlap would let chance choose: exactly one row is in force on each day
-- this run speaks of.
with named as (
    select distinct
        topic,
        parameter
    from {{ ref("policy_parameters") }}
)

select
    snapshots.snapshot_date,
    named.topic,
    named.parameter,
    count(policy.value) as values_in_force
from {{ ref("int_calendar__snapshots") }} as snapshots
cross join named
left join {{ ref("policy_parameters") }} as policy
    on
        named.topic = policy.topic
        and named.parameter = policy.parameter
        and {{ is_in_force("policy", "snapshots.snapshot_date") }}
group by snapshots.snapshot_date, named.topic, named.parameter
having count(policy.value) <> 1
