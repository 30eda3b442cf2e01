-- What changes between the versions of a benchmark: its figures. Lead Green's come in one pinned
-- package; of its rows those count that are no duplicates today.
with

own as (
    select
        inference_benchmark_id,
        functional_unit,
        gpu_count,
        energy_j_per_unit,
        throughput_units_per_s,
        recorded_at
    from {{ ref('stg_mlenergy__inference_configuration_versions') }}
),

compiled as (
    select
        configurations.inference_benchmark_id,
        configurations.functional_unit,
        configurations.gpu_count,
        configurations.energy_j_per_unit,
        configurations.throughput_units_per_s,
        given.recorded_at
    from {{ ref('int_inference__configurations') }} as configurations
    inner join {{ ref('stg_leadgreen__inference_configurations') }} as given
        on configurations.inference_benchmark_id = given.inference_benchmark_id
    where not configurations.is_duplicate
)

select * from own
union all by name
select * from compiled
