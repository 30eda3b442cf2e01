with

-- One empty row type, so that a table may leave out any of these columns.
template as (
    select
        null::bigint as row_index,
        null::varchar as id,
        null::varchar as inference_benchmark_id,
        null::varchar as model_name,
        null::double as parameters_total,
        null::double as parameters_active,
        null::varchar as architecture,
        null::varchar as gpu,
        null::double as gpu_count,
        null::varchar as precision,
        null::double as concurrency
    where false
),

rows_given as (
    select * from template
    union all by name
    select * from query_table(table_name)
),

rows_typed as (
    select
        row_index,
        coalesce(id, inference_benchmark_id) as id,
        {{ function('normalize_name') }}(name := model_name) as model_alias,
        {{ function('normalize_name') }}(name := gpu) as hardware_alias,
        {{ function('normalize_name') }}(name := architecture) as architecture_given,
        {{ function('normalize_name') }}(name := precision) as precision_given,
        try_cast(parameters_total as double) as parameters_total_cast,
        try_cast(parameters_active as double) as parameters_active_cast,
        try_cast(gpu_count as double) as gpu_count_cast,
        try_cast(concurrency as double) as concurrency_cast
    from rows_given
),

-- A number that cannot be one counts as absent; the caller says so to its user.
rows_checked as (
    select
        row_index,
        id,
        model_alias,
        hardware_alias,
        architecture_given,
        precision_given,
        case
            when isfinite(parameters_total_cast) and parameters_total_cast > 0
            then parameters_total_cast
        end as parameters_total_given,
        case
            when isfinite(parameters_active_cast) and parameters_active_cast > 0
            then parameters_active_cast
        end as parameters_active_given,
        case
            when isfinite(gpu_count_cast) and gpu_count_cast > 0 then gpu_count_cast
        end as gpu_count_given,
        case
            when isfinite(concurrency_cast) and concurrency_cast > 0 then concurrency_cast
        end as concurrency_given
    from rows_typed
),

resolved as (
    select
        rows_checked.row_index,
        rows_checked.id,
        rows_checked.model_alias,
        rows_checked.hardware_alias,
        models.model_id,
        models.model_family,
        models.model_backbone,
        models.model_name as model_name_known,
        model_aliases.is_ambiguous as is_model_ambiguous,
        models.is_parameters_estimated,
        models.parameters_total as parameters_total_known,
        models.parameters_active as parameters_active_known,
        hardware.hardware_id,
        hardware.hardware_name,
        hardware.hardware_kind,
        hardware_aliases.is_ambiguous as is_hardware_ambiguous,
        hardware.tdp_w,
        hardware.memory_gb,
        hardware.memory_bandwidth_gb_per_s,
        hardware.peak_fp32_flop_per_s,
        hardware.peak_tf32_flop_per_s,
        hardware.peak_fp16_flop_per_s,
        hardware.peak_bf16_flop_per_s,
        hardware.peak_fp8_flop_per_s,
        hardware.peak_int8_op_per_s,
        hardware.peak_fp4_flop_per_s,
        coalesce(rows_checked.parameters_total_given, models.parameters_total) as parameters_total,
        coalesce(
            rows_checked.parameters_active_given, models.parameters_active
        ) as parameters_active_stated,
        coalesce(
            case
                when rows_checked.architecture_given in ('dense', 'densetransformer') then 'dense'
                when
                    rows_checked.architecture_given
                    in ('moe', 'mixtureofexperts', 'sparse', 'sparsemoe')
                then 'moe'
                when
                    rows_checked.architecture_given in ('hybrid', 'mambatransformerhybrid')
                then 'hybrid'
                when rows_checked.architecture_given is not null then 'unknown'
            end,
            models.architecture
        ) as architecture_stated,
        case
            when rows_checked.precision_given is null then null
            when rows_checked.precision_given in ('fp32', 'float32', 'f32', 'float') then 'fp32'
            when rows_checked.precision_given in ('tf32', 'tensorfloat32') then 'tf32'
            when rows_checked.precision_given in ('bf16', 'bfloat16') then 'bf16'
            when rows_checked.precision_given in ('fp16', 'float16', 'f16', 'half') then 'fp16'
            when
                rows_checked.precision_given
                in ('fp8', 'float8', 'f8', 'fp8e4m3', 'fp8e5m2', 'e4m3', 'w8a8fp8')
            then 'fp8'
            when rows_checked.precision_given in ('int8', 'i8', 'w8a8', 'w8a16') then 'int8'
            when rows_checked.precision_given in ('fp4', 'nvfp4', 'mxfp4', 'float4') then 'fp4'
            when
                rows_checked.precision_given
                in ('int4', 'i4', 'w4a16', 'q4', 'nf4', 'awq', 'gptqint4')
            then 'int4'
            else 'unknown'
        end as precision,
        rows_checked.gpu_count_given as gpu_count,
        rows_checked.concurrency_given as concurrency
    from rows_checked
    left join {{ ref('dim_model_aliases') }} as model_aliases
        on rows_checked.model_alias = model_aliases.model_alias
    left join {{ ref('dim_models') }} as models
        on model_aliases.model_id = models.model_id
    left join {{ ref('dim_hardware_aliases') }} as hardware_aliases
        on rows_checked.hardware_alias = hardware_aliases.hardware_alias
    left join {{ ref('dim_hardware') }} as hardware
        on hardware_aliases.hardware_id = hardware.hardware_id
),

-- What follows from what was given, and nothing more.
derived as (
    select
        *,
        case
            when parameters_active_stated is not null then parameters_active_stated
            when architecture_stated in ('dense', 'hybrid') then parameters_total
        end as parameters_active,
        case
            when architecture_stated != 'unknown' then architecture_stated
            when parameters_active_stated < parameters_total then 'moe'
            when parameters_active_stated = parameters_total then 'dense'
        end as architecture,
        coalesce(architecture_stated = 'unknown', false) as is_architecture_unknown,
        case precision
            when 'fp32' then 4e0
            when 'tf32' then 4e0
            when 'bf16' then 2e0
            when 'fp16' then 2e0
            when 'fp8' then 1e0
            when 'int8' then 1e0
            when 'fp4' then 0.5e0
            when 'int4' then 0.5e0
        end as bytes_per_parameter,
        case precision
            when 'fp32' then peak_fp32_flop_per_s
            when 'tf32' then coalesce(peak_tf32_flop_per_s, peak_fp32_flop_per_s)
            when 'fp8' then
                coalesce(peak_fp8_flop_per_s, peak_bf16_flop_per_s, peak_fp16_flop_per_s)
            when 'int8' then
                coalesce(peak_int8_op_per_s, peak_bf16_flop_per_s, peak_fp16_flop_per_s)
            when 'fp4' then
                coalesce(
                    peak_fp4_flop_per_s,
                    peak_fp8_flop_per_s,
                    peak_bf16_flop_per_s,
                    peak_fp16_flop_per_s
                )
            else
                coalesce(peak_bf16_flop_per_s, peak_fp16_flop_per_s, peak_fp32_flop_per_s)
        end as peak_flop_per_s
    from resolved
),

-- Where an input is unknown the starting value stands at a reference point, the H100's data sheet
-- among them. The regressors see that the input is missing, were fitted with it missing, and
-- their interval was calibrated with it missing.
referenced as (
    select
        *,
        coalesce(parameters_total, parameters_active) as reference_parameters_total,
        coalesce(parameters_active, parameters_total) as reference_parameters_active,
        coalesce(bytes_per_parameter, 2e0) as reference_bytes_per_parameter,
        coalesce(concurrency, 64e0) as reference_concurrency,
        coalesce(tdp_w, 700e0) as reference_tdp_w,
        coalesce(memory_gb, 80e0) as reference_memory_gb,
        coalesce(memory_bandwidth_gb_per_s, 3350e0) as reference_bandwidth_gb_per_s,
        coalesce(
            peak_flop_per_s,
            989e12 * case when bytes_per_parameter <= 1 then 2 else 1 end
        ) as reference_peak_flop_per_s
    from derived
),

counted as (
    select
        *,
        coalesce(
            gpu_count,
            greatest(
                1e0,
                pow(2, ceil(log2(
                    1.2 * reference_parameters_total * reference_bytes_per_parameter
                    / (reference_memory_gb * 1e9)
                )))
            )
        ) as reference_gpu_count,
        {{ function('expected_parameters_read') }}(
            parameters_total := reference_parameters_total,
            parameters_active := reference_parameters_active,
            concurrency := reference_concurrency
        ) as parameters_read
    from referenced
),

timed as (
    select
        *,
        {{ function('decode_step_duration_s') }}(
            parameters_read := parameters_read,
            parameters_active := reference_parameters_active,
            bytes_per_parameter := reference_bytes_per_parameter,
            concurrency := reference_concurrency,
            memory_bandwidth_gb_per_s := reference_bandwidth_gb_per_s * reference_gpu_count,
            peak_flop_per_s := reference_peak_flop_per_s * reference_gpu_count
        ) as decode_step_duration_s
    from counted
)

select
    row_index,
    id,
    model_alias,
    hardware_alias,
    model_id,
    model_family,
    model_backbone,
    model_name_known,
    is_model_ambiguous,
    is_parameters_estimated,
    parameters_total_known,
    parameters_active_known,
    parameters_total,
    parameters_active,
    architecture,
    is_architecture_unknown,
    hardware_id,
    hardware_name,
    hardware_kind,
    is_hardware_ambiguous,
    tdp_w,
    memory_gb,
    peak_flop_per_s,
    memory_bandwidth_gb_per_s,
    gpu_count,
    precision,
    bytes_per_parameter,
    concurrency,
    decode_step_duration_s,
    reference_gpu_count * reference_tdp_w * decode_step_duration_s / reference_concurrency
    * (1 - 0.7 * 0.005 / decode_step_duration_s) as reference_energy_j_per_token,
    ln(reference_energy_j_per_token) as ln_reference_energy,
    ln(parameters_total) as ln_parameters_total,
    ln(parameters_active) as ln_parameters_active,
    ln(parameters_active / parameters_total) as ln_active_share,
    ln(parameters_read) as ln_parameters_read,
    ln(concurrency) as ln_concurrency,
    ln(gpu_count) as ln_gpu_count,
    ln(concurrency / gpu_count) as ln_concurrency_per_gpu,
    ln(bytes_per_parameter) as ln_bytes_per_parameter,
    ln(tdp_w) as ln_tdp_w,
    ln(memory_bandwidth_gb_per_s) as ln_memory_bandwidth,
    ln(decode_step_duration_s) as ln_decode_step_duration,
    case when architecture is not null then (architecture = 'moe')::double end as is_moe,
    case when architecture is not null then (architecture = 'hybrid')::double end as is_hybrid
from timed
