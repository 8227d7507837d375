{{ config(materialized="view") }}

select * from {{ ref("int_lifecycle__stages") }}
