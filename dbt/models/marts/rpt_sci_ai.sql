{{ config(materialized='view') }}

{#
    A view, as rpt_sci, which is read for each boundary apart, so that a filter reaches the table: there
    may be millions of uses, and in a view DuckDB forgets that a CTE is not to be materialized.
#}

with

inference_scores as (
    select * from {{ ref('rpt_sci') }}
    where subject_kind in ('inference_benchmark', 'inference_use')
),

training_scores as (
    select * from {{ ref('rpt_sci') }}
    where subject_kind = 'training_run' and functional_unit = 'training_run'
),

training_runs as (
    select * from {{ ref('fct_training_runs') }}
),

-- Who uses a model answers for its running; the wear of the hardware is in, its end of life is not.
consumer as (
    select
        *,
        'consumer' as sci_ai_boundary,
        'inference' as covered_stages,
        {{ function('sci_ai_consumer_gco2e_per_unit') }}(
            operational_kgco2e := emissions_operational_kgco2e,
            embodied_kgco2e := emissions_embodied_kgco2e,
            functional_unit_count := unit_count
        ) as sci_ai_gco2e_per_unit
    from inference_scores
),

-- Who makes a model answers for all before and after its running. Of that, training is what the
-- sources tell.
trained as (
    select
        training_scores.*,
        training_runs.parameters_total,
        training_runs.tokens,
        training_runs.training_compute_flop
    from training_scores
    inner join training_runs on training_scores.subject_id = training_runs.training_run_id
),

provider_units as (
    select
        * exclude (functional_unit, unit_count),
        unnest(['billion_parameters', '1000_tokens', 'exaflop']) as functional_unit,
        unnest([parameters_total / 1e9, tokens / 1e3, training_compute_flop / 1e18]) as unit_count
    from trained
),

provider as (
    select
        * exclude (parameters_total, tokens, training_compute_flop),
        'provider' as sci_ai_boundary,
        'training' as covered_stages,
        {{ function('sci_ai_provider_gco2e_per_unit') }}(
            operational_kgco2e := emissions_operational_kgco2e,
            embodied_kgco2e := emissions_embodied_kgco2e
            + coalesce(emissions_end_of_life_kgco2e, 0),
            functional_unit_count := unit_count
        ) as sci_ai_gco2e_per_unit
    from provider_units
    where unit_count > 0
),

both_boundaries as (
    select * from consumer
    union all by name
    select * from provider
)

select
    sci_ai_boundary,
    subject_kind,
    subject_id,
    functional_unit,
    footprint_id,
    model_id,
    hardware_id,

    model_name,
    project,
    is_own,
    covered_stages,
    label_kind,
    footprint_boundary,
    intensity_choice,
    intensity_basis,
    emission_factor_scope,
    is_estimated,
    is_suspect,

    cast(unit_count as double) as unit_count,
    emissions_operational_kgco2e,
    emissions_embodied_kgco2e,
    emissions_end_of_life_kgco2e,
    sci_ai_gco2e_per_unit,

    source_id,
    recorded_at
from both_boundaries
