with

published as (
    select * from {{ ref('int_inference__configurations') }}
),

own as (
    select * from {{ ref('int_inference__own') }}
),

every_source as (
    select * from published
    union all by name
    select * from own
),

configurations as (
    select
        *,
        case when functional_unit = 'output_token' then energy_j_per_unit end
            as energy_j_per_token,
        case when functional_unit = 'output_token' then throughput_units_per_s end
            as throughput_tokens_per_s,
        {{ function('normalize_name') }}(name := huggingface_id) as full_alias,
        {{ function('normalize_name') }}(name := model_name) as name_alias,
        {{ function('normalize_name') }}(name := gpu) as hardware_alias
    from every_source
    where not is_duplicate
),

models as (
    select * from {{ ref('dim_models') }}
),

model_aliases as (
    select * from {{ ref('dim_model_aliases') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

hardware_aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
)

select
    configurations.inference_benchmark_id,
    models.model_id,
    hardware.hardware_id,

    configurations.model_name,
    models.model_family,
    models.model_backbone,
    coalesce(configurations.architecture, models.architecture) as architecture,
    configurations.gpu,
    configurations.precision,
    configurations.task,
    configurations.functional_unit,
    configurations.label_kind,
    configurations.boundary,
    configurations.region,
    models.release_date,

    coalesce(configurations.parameters_total, models.parameters_total) as parameters_total,
    coalesce(configurations.parameters_active, models.parameters_active) as parameters_active,
    configurations.gpu_count,
    configurations.tensor_parallel,
    configurations.expert_parallel,
    configurations.data_parallel,
    configurations.ulysses_parallel,
    configurations.ring_parallel,
    configurations.concurrency,
    configurations.max_concurrency,
    configurations.batch_size,
    configurations.inference_steps,
    configurations.frame_height_px,
    configurations.frame_width_px,
    configurations.frame_count,
    configurations.frames_per_s,
    configurations.input_tokens,
    configurations.output_tokens,
    configurations.median_output_tokens,
    configurations.p90_output_tokens,
    configurations.pue_ratio,

    configurations.energy_j_per_unit,
    configurations.energy_j_per_request,
    configurations.energy_j_per_token,
    {{ function('kwh_from_joule') }}(energy_j := configurations.energy_j_per_token * 1000) * 1000
        as energy_wh_per_1k_tokens,
    configurations.power_w,
    configurations.throughput_units_per_s,
    configurations.throughput_tokens_per_s,
    configurations.median_inter_token_latency_ms,
    configurations.p90_inter_token_latency_ms,
    configurations.p99_inter_token_latency_ms,
    configurations.power_w / nullif(configurations.gpu_count * hardware.tdp_w, 0)
        as power_utilization_ratio,
    configurations.energy_j_per_token / nullif(configurations.parameters_active, 0) * 1e9
        as energy_j_per_token_per_billion_active_parameters,

    configurations.label_kind in ('wall_metered', 'counter', 'vendor_disclosed') as is_truth,

    configurations.source_id,
    configurations.source_url
from configurations
left join model_aliases as by_full_name
    on configurations.full_alias = by_full_name.model_alias
left join model_aliases as by_name
    on configurations.name_alias = by_name.model_alias
left join models on coalesce(by_full_name.model_id, by_name.model_id) = models.model_id
left join hardware_aliases on configurations.hardware_alias = hardware_aliases.hardware_alias
left join hardware on hardware_aliases.hardware_id = hardware.hardware_id
