-- The wording and rank of each segment, and of customers who are in none.
select distinct
    snapshots.snapshot_date,
    segments.segment,
    segments.segment_en || ' ' || segments.segment_zh as segment_label,
    segments.segment_rank
from {{ ref("int_calendar__snapshots") }} as snapshots
inner join {{ ref("rfm_segments") }} as segments on {{ is_in_force("segments", "snapshots.snapshot_date") }}

union all

select
    snapshots.snapshot_date,
    labels.code as segment,
    {{ bilingual("labels") }} as segment_label,
    labels.sort_rank as segment_rank
from {{ ref("int_calendar__snapshots") }} as snapshots
inner join {{ ref("labels") }} as labels
    on
        labels.vocabulary = 'segment'
        and {{ is_in_force("labels", "snapshots.snapshot_date") }}
