-- The score of an activity in its own unit is that of its footprint: nothing is divided twice. Of
-- what came since the last build; uses are divided by the same function.
with

scores as (
    select * from {{ ref('rpt_sci') }}
    where
        subject_kind <> 'inference_use'
        and recorded_at > {{ tested_until(ref('fct_footprints')) }}
),

footprints as (
    select * from {{ ref('fct_footprints') }}
    where
        subject_kind <> 'inference_use'
        and recorded_at > {{ tested_until(ref('fct_footprints')) }}
),

compared as (
    select
        scores.footprint_id,
        footprints.sci_gco2e_per_functional_unit as expected,
        scores.sci_gco2e_per_unit as found
    from scores
    inner join footprints on scores.footprint_id = footprints.footprint_id
    where scores.functional_unit in (footprints.functional_unit, 'training_run')
)

select * from compared
where
    (expected is null) <> (found is null)
    or abs(expected - found) > 1e-9 * greatest(abs(expected), abs(found))
