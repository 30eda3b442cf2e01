with

-- Of each subject the version that was recorded last by then.
activities as (
    select * from {{ ref('int_activities__versions') }}
    where recorded_at <= activity_instant
    qualify row_number() over (
        partition by subject_kind, subject_id
        order by recorded_at desc
    ) = 1
),

figures as (
    select * from {{ function('grid_carbon_intensity_as_of') }}(factor_instant)
),

{{ footprints('activities', 'figures', 'factor_instant', 'method_instant') }}

select * from footprints
