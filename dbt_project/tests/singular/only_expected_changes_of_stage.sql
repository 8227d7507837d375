{{ config(meta={"dagster": {"ref": {"name": "fct_lifecycle_transitions"}}}) }}

-- The list of changes follows from the stage rules; anything else is a defect of the rules or of the list.
select
    customer_id,
    transition_date,
    from_stage,
    to_stage
from {{ ref("fct_lifecycle_transitions") }}
where transition_date >= {{ window_start() }} and not is_expected
