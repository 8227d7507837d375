{{ config(materialized="view") }}

select * from {{ ref("stg_operations__checks") }}
