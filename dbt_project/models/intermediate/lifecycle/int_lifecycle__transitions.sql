{{ config(materialized="incremental", meta={"replaces": "snapshots", "by": "transition_date"}) }}

with stages as (
    select * from {{ ref("int_lifecycle__stages") }}
    where snapshot_date >= {{ window_start() }} and previous_stage <> lifecycle_stage
)

select
    stages.customer_id,
    stages.snapshot_date as transition_date,
    stages.previous_stage as from_stage,
    {{ bilingual("from_labels") }} as from_stage_label,
    stages.lifecycle_stage as to_stage,
    {{ bilingual("to_labels") }} as to_stage_label,
    allowed.from_stage is not null as is_expected,
    customers.customer_type,
    customers.customer_type_label,
    customers.branch_id,
    customers.branch_name
from stages
inner join {{ ref("int_customers__snapshots") }} as customers
    on
        stages.customer_id = customers.customer_id
        and stages.snapshot_date = customers.snapshot_date
left join {{ ref("lifecycle_transitions") }} as allowed
    on
        stages.previous_stage = allowed.from_stage
        and stages.lifecycle_stage = allowed.to_stage
        and {{ is_in_force("allowed", "stages.snapshot_date") }}
{{ label_join("from_labels", "lifecycle_stage", "stages.previous_stage", "stages.snapshot_date") }}
{{ label_join("to_labels", "lifecycle_stage", "stages.lifecycle_stage", "stages.snapshot_date") }}
