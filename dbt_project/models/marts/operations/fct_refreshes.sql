{{ config(materialized="view") }}

select
    *,
    -- A served file was built by the newest refresh it knows of.
    row_number() over (order by started_at desc, refresh_id desc) = 1 as is_latest
from {{ ref("stg_operations__refreshes") }}
