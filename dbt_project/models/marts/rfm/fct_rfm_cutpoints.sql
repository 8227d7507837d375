{{ config(materialized="view") }}

select * from {{ ref("int_rfm__cutpoints") }}
