-- Quantities that must agree with each other: to a millionth, or to a thousandth where the provider
-- rounds to four digits (ML.ENERGY's figures in Lead Green, 2026-11-22).
with

checks as (
    select
        'fct_footprints: operational, embodied and end of life make the total' as identity,
        footprint_id as subject,
        1e-6 as tolerance,
        emissions_operational_kgco2e
        + emissions_embodied_kgco2e
        + coalesce(emissions_end_of_life_kgco2e, 0) as expected,
        emissions_total_kgco2e as found
    from {{ ref('fct_footprints') }}
    where emissions_operational_kgco2e is not null and emissions_embodied_kgco2e is not null

    union all

    select
        'fct_footprints: the lower bound is not above, the upper not below' as identity,
        footprint_id as subject,
        1e-6 as tolerance,
        0 as expected,
        greatest(
            coalesce(emissions_operational_lower_kgco2e - emissions_operational_kgco2e, 0),
            coalesce(emissions_operational_kgco2e - emissions_operational_upper_kgco2e, 0),
            0
        ) as found
    from {{ ref('fct_footprints') }}

    union all

    select
        'fct_training_runs: energy of our own runs is that of the seed' as identity,
        'runs of the seed' as subject,
        1e-6 as tolerance,
        (select sum(seed.energy_kwh) from {{ ref('published_training_runs') }} as seed) as expected,
        (
            select sum(mart.energy_kwh) from {{ ref('fct_training_runs') }} as mart
            where mart.source_id = 'joulehouse-seeds'
        ) as found

    union all

    select
        'fct_inference_benchmarks: joules a token are power over throughput' as identity,
        inference_benchmark_id as subject,
        1e-3 as tolerance,
        power_w / throughput_tokens_per_s as expected,
        energy_j_per_token as found
    from {{ ref('fct_inference_benchmarks') }}
    -- A live source's own contradictions are findings, and stop no build.
    where source_id = 'leadgreen'

    union all

    select
        'fct_inference_benchmarks: Wh for 1000 tokens are joules a token / 3.6' as identity,
        inference_benchmark_id as subject,
        1e-3 as tolerance,
        energy_j_per_token / 3.6 as expected,
        energy_wh_per_1k_tokens as found
    from {{ ref('fct_inference_benchmarks') }}

    union all

    select
        'fct_inference_benchmarks: an output token is the unit of text' as identity,
        inference_benchmark_id as subject,
        1e-6 as tolerance,
        case when functional_unit = 'output_token' then energy_j_per_unit end as expected,
        energy_j_per_token as found
    from {{ ref('fct_inference_benchmarks') }}

    union all

    select
        'dim_region_intensity: the bounds hold the figure' as identity,
        region_key as subject,
        1e-6 as tolerance,
        0 as expected,
        greatest(
            coalesce(carbon_intensity_lower_gco2e_per_kwh - carbon_intensity_gco2e_per_kwh, 0),
            coalesce(carbon_intensity_gco2e_per_kwh - carbon_intensity_upper_gco2e_per_kwh, 0),
            0
        ) as found
    from {{ ref('dim_region_intensity') }}
)

select * from checks
where
    (expected is null) <> (found is null)
    or abs(expected - found) > tolerance * greatest(abs(expected), abs(found), 1e-12)
