{{ config(materialized="view") }}

select * from {{ ref("int_tiers__snapshots") }}
