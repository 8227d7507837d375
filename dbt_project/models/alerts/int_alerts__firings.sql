{{ config(materialized="incremental", meta={"replaces": "days", "by": "evaluated_date"}) }}

-- Each day on which a rule fired for a subject: the only daily history that alerts need.
select * from {{ ref("int_alerts__verdicts") }}
where status = 'firing'
