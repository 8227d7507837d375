{{
    config(
        severity="warn",
        meta={
            "owner": "Retail Banking",
            "reason": "A corrected date or a feed that begins late can change a stage in any way; one customer stops no bank.",
            "since": "2026-11-26",
            "dagster": {"ref": {"name": "fct_lifecycle_transitions"}},
        },
    )
}}

-- The list of changes follows from the stage rules; anything else deserves a look.
select
    customer_id,
    transition_date,
    from_stage,
    to_stage
from {{ ref("fct_lifecycle_transitions") }}
where transition_date >= {{ window_start() }} and not is_expected
