{{ config(materialized='view') }}

{# A view: ten million requests lie in fct_footprints already, and are not copied twice over. #}

with

-- The row of each activity that reports show: location-based, as the standard asks, and average.
footprints as (
    select * from {{ ref('fct_footprints') }}
    where is_primary
),

training_runs as (
    select * from {{ ref('fct_training_runs') }}
),

inference_uses as (
    select * from {{ ref('fct_inference_uses') }}
),

-- What the energy of the row is for, and what else that can be counted in. A figure for some epochs
-- of a run is none for the run.
stated_units as (
    select
        subject_kind,
        subject_id,
        case functional_unit
            when 'run' then 'training_run'
            when 'output_token' then '1000_output_tokens'
            when 'million_tokens' then '1000_tokens'
            else functional_unit
        end as functional_unit,
        case functional_unit
            when 'output_token' then unit_count / 1e3
            when 'million_tokens' then unit_count * 1e3
            else unit_count
        end as unit_count,
        1 as preference
    from footprints
),

training_units as (
    select
        footprints.subject_kind,
        footprints.subject_id,
        unnest(['epoch', '1000_tokens']) as functional_unit,
        unnest([training_runs.epochs, training_runs.tokens / 1e3]) as unit_count,
        2 as preference
    from footprints
    inner join training_runs on footprints.subject_id = training_runs.training_run_id
    where footprints.subject_kind = 'training_run' and footprints.functional_unit = 'run'
),

inference_units as (
    select
        footprints.subject_kind,
        footprints.subject_id,
        unnest(['request', '1000_output_tokens']) as functional_unit,
        unnest([inference_uses.request_count, inference_uses.output_tokens / 1e3]) as unit_count,
        2 as preference
    from footprints
    inner join inference_uses on footprints.subject_id = inference_uses.inference_use_id
    where footprints.subject_kind = 'inference_use'
),

units as (
    select * from stated_units
    union all by name
    select * from training_units
    union all by name
    select * from inference_units
),

known_units as (
    select * from units
    where functional_unit is not null and unit_count > 0
    qualify row_number() over (
        partition by subject_kind, subject_id, functional_unit
        order by preference asc
    ) = 1
)

select
    footprints.subject_kind,
    footprints.subject_id,
    known_units.functional_unit,
    footprints.footprint_id,
    footprints.model_id,
    footprints.hardware_id,

    footprints.model_name,
    footprints.project,
    footprints.is_own,
    footprints.label_kind,
    footprints.footprint_boundary,
    footprints.started_at,
    footprints.accounting_method,
    footprints.intensity_choice,
    footprints.intensity_basis,
    footprints.emission_factor_scope,
    footprints.is_estimated,
    footprints.is_suspect,

    cast(known_units.unit_count as double) as unit_count,
    footprints.facility_energy_kwh,
    footprints.carbon_intensity_gco2e_per_kwh,
    footprints.emissions_operational_kgco2e,
    footprints.emissions_embodied_kgco2e,
    footprints.emissions_end_of_life_kgco2e,
    {{ function('emissions_gco2e_per_unit') }}(
        emissions_kgco2e := footprints.emissions_operational_kgco2e,
        unit_count := known_units.unit_count
    ) as operational_gco2e_per_unit,
    {{ function('sci_from_emissions_gco2e_per_unit') }}(
        operational_kgco2e := footprints.emissions_operational_kgco2e,
        embodied_kgco2e := footprints.emissions_embodied_kgco2e
        + coalesce(footprints.emissions_end_of_life_kgco2e, 0),
        functional_unit_count := known_units.unit_count
    ) as sci_gco2e_per_unit,

    footprints.source_id,
    footprints.recorded_at
from footprints
inner join known_units
    on
        footprints.subject_kind = known_units.subject_kind
        and footprints.subject_id = known_units.subject_id
