-- Every measured configuration once. Lead Green compiles a part of ML.ENERGY's text conversations,
-- rounded to six decimals: where ML.ENERGY's own row is there, with the same model, accelerators,
-- parallelism, cap on requests and run, Lead Green's is the duplicate.
with

compiled as (
    select
        *,
        {{ function('normalize_name') }}(name := huggingface_id) as model_key,
        'output_token' as functional_unit,
        energy_j_per_token as energy_j_per_unit,
        throughput_tokens_per_s as throughput_units_per_s
    from {{ ref('stg_leadgreen__inference_configurations') }}
),

own as (
    select
        *,
        {{ function('normalize_name') }}(name := huggingface_id) as model_key
    from {{ ref('stg_mlenergy__inference_configurations') }}
),

output_lengths as (
    select * from {{ ref('stg_mlenergy__output_lengths') }}
),

own_with_lengths as (
    select
        own.*,
        output_lengths.median_output_tokens,
        output_lengths.p90_output_tokens,
        false as is_duplicate
    from own
    left join output_lengths on own.configuration_key = output_lengths.configuration_key
),

compiled_once as (
    select
        compiled.*,
        own.inference_benchmark_id is not null as is_duplicate
    from compiled
    left join own
        on
            own.task = 'text'
            and compiled.model_key = own.model_key
            and compiled.gpu = own.gpu
            and compiled.gpu_count = own.gpu_count
            and compiled.max_concurrency is not distinct from own.max_concurrency
            and compiled.tensor_parallel is not distinct from own.tensor_parallel
            and compiled.expert_parallel is not distinct from own.expert_parallel
            and compiled.data_parallel is not distinct from own.data_parallel
            and compiled.run_number = own.run_number
    qualify row_number() over (
        partition by compiled.inference_benchmark_id
        order by own.inference_benchmark_id
    ) = 1
),

configurations as (
    select * from compiled_once
    union all by name
    select * from own_with_lengths
)

select
    inference_benchmark_id,

    model_name,
    huggingface_id,
    architecture,
    gpu,
    precision,
    task,
    label_kind,
    boundary,
    functional_unit,
    is_duplicate,

    parameters_total,
    parameters_active,
    gpu_count,
    tensor_parallel,
    expert_parallel,
    data_parallel,
    ulysses_parallel,
    ring_parallel,
    concurrency,
    max_concurrency,
    batch_size,
    inference_steps,
    frame_height_px,
    frame_width_px,
    frame_count,
    frames_per_s,
    output_tokens,
    median_output_tokens,
    p90_output_tokens,

    energy_j_per_unit,
    energy_j_per_request,
    power_w,
    throughput_units_per_s,
    median_inter_token_latency_ms,
    p90_inter_token_latency_ms,
    p99_inter_token_latency_ms,

    source_id,
    source_url
from configurations
