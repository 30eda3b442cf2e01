-- Configurations that users measured themselves, in the version in force. Energy is that of one
-- unit; a thousand output tokens count as so many of one.
with

benchmarks as (
    select
        *,
        case functional_unit
            when '1000_output_tokens' then 'output_token'
            else functional_unit
        end as single_unit,
        case functional_unit
            when '1000_output_tokens' then unit_count * 1000
            else unit_count
        end as single_unit_count
    from {{ ref('int_measurements__resolved') }}
    where subject_kind = 'inference_benchmark'
    qualify row_number() over (
        partition by subject_id
        order by recorded_at desc, fetched_at desc, landing_id desc
    ) = 1
)

select
    subject_id as inference_benchmark_id,

    model_name,
    model_name as huggingface_id,
    architecture,
    hardware as gpu,
    precision,
    coalesce(
        lower(task),
        case when single_unit in ('image', 'video') then single_unit else 'text' end
    ) as task,
    label_kind,
    boundary,
    single_unit as functional_unit,
    region,
    false as is_duplicate,

    parameters_total,
    parameters_active,
    case when hardware_count = round(hardware_count) then cast(hardware_count as bigint) end
        as gpu_count,
    cast(tensor_parallel as bigint) as tensor_parallel,
    concurrency,
    cast(batch_size as bigint) as batch_size,
    input_tokens / request_count as input_tokens,
    output_tokens / request_count as output_tokens,
    pue_ratio,

    {{ function('joule_from_kwh') }}(energy_kwh := energy_kwh) / single_unit_count
        as energy_j_per_unit,
    {{ function('joule_from_kwh') }}(energy_kwh := energy_kwh) / request_count
        as energy_j_per_request,
    coalesce(
        average_power_w * hardware_count,
        energy_kwh * 1e3 / nullif(duration_h, 0)
    ) as power_w,
    single_unit_count / nullif(duration_h, 0) / 3600 as throughput_units_per_s,

    source_id
from benchmarks
where not is_withdrawn and energy_kwh is not null
