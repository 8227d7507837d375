-- Rows of this table record what happened; they are not part of "same input, same bytes" (D-08).
select
    refresh_id,
    release_id,
    window_start_date,
    as_of_date,
    started_at,
    published_at,
    rows_loaded,
    rows_rejected,
    coalesce(rows_healed, 0) as rows_healed,
    checks_passed,
    checks_warned,
    checks_failed,
    alerts_opened,
    model_version
from {{ source("operations", "refreshes") }}
