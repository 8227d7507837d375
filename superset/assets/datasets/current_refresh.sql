-- A served file was built by the newest refresh it knows of.
select
    refresh_id,
    release_id,
    as_of_date,
    started_at,
    rows_loaded,
    rows_rejected,
    checks_passed,
    checks_warned,
    checks_failed
from fct_refreshes
qualify row_number() over (order by started_at desc, refresh_id desc) = 1
