with

-- One empty row type, so that a table may leave out any of these columns.
template as (
    select
        null::bigint as row_index,
        null::varchar as id,
        null::varchar as training_run_id,
        null::varchar as model_name,
        null::double as parameters_total,
        null::double as parameters_active,
        null::double as tokens,
        null::double as epochs,
        null::double as dataset_size,
        null::varchar as dataset_size_unit,
        null::double as training_compute_flop,
        null::varchar as hardware,
        null::double as hardware_count,
        null::double as duration_h,
        null::double as device_hours,
        null::double as utilization_ratio,
        null::varchar as boundary
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
        coalesce(id, training_run_id) as id,
        {{ function('normalize_name') }}(name := model_name) as model_alias,
        {{ function('normalize_name') }}(name := hardware) as hardware_alias,
        coalesce(boundary in ('it', 'facility'), false) as is_it_boundary,
        try_cast(parameters_total as double) as parameters_total_cast,
        try_cast(parameters_active as double) as parameters_active_cast,
        try_cast(tokens as double) as tokens_cast,
        try_cast(epochs as double) as epochs_cast,
        case
            when coalesce(dataset_size_unit, 'tokens') = 'tokens'
            then try_cast(dataset_size as double)
        end as dataset_size_cast,
        try_cast(training_compute_flop as double) as training_compute_flop_cast,
        try_cast(hardware_count as double) as hardware_count_cast,
        try_cast(duration_h as double) as duration_h_cast,
        try_cast(device_hours as double) as device_hours_cast,
        try_cast(utilization_ratio as double) as utilization_ratio_cast
    from rows_given
),

-- A number that cannot be one counts as absent; the caller says so to its user.
rows_checked as (
    select
        row_index,
        id,
        model_alias,
        hardware_alias,
        is_it_boundary,
        case
            when isfinite(parameters_total_cast) and parameters_total_cast > 0
            then parameters_total_cast
        end as parameters_total_given,
        case
            when isfinite(parameters_active_cast) and parameters_active_cast > 0
            then parameters_active_cast
        end as parameters_active_given,
        case when isfinite(tokens_cast) and tokens_cast > 0 then tokens_cast end as tokens_given,
        case when isfinite(epochs_cast) and epochs_cast > 0 then epochs_cast end as epochs,
        case
            when isfinite(dataset_size_cast) and dataset_size_cast > 0 then dataset_size_cast
        end as dataset_size,
        case
            when isfinite(training_compute_flop_cast) and training_compute_flop_cast > 0
            then training_compute_flop_cast
        end as training_compute_flop_given,
        case
            when isfinite(hardware_count_cast) and hardware_count_cast > 0
            then hardware_count_cast
        end as hardware_count_given,
        case
            when isfinite(duration_h_cast) and duration_h_cast > 0 then duration_h_cast
        end as duration_h_given,
        case
            when isfinite(device_hours_cast) and device_hours_cast > 0 then device_hours_cast
        end as device_hours_given,
        case
            when utilization_ratio_cast > 0 and utilization_ratio_cast <= 1
            then utilization_ratio_cast
        end as utilization_ratio
    from rows_typed
),

resolved as (
    select
        rows_checked.*,
        models.model_id,
        models.model_family,
        models.model_backbone,
        models.architecture as architecture_known,
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
        coalesce(
            hardware.peak_bf16_flop_per_s,
            hardware.peak_fp16_flop_per_s,
            hardware.peak_tf32_flop_per_s,
            hardware.peak_fp32_flop_per_s
        ) as peak_flop_per_s
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
sized as (
    select
        *,
        coalesce(parameters_total_given, parameters_total_known) as parameters_total,
        coalesce(
            parameters_active_given,
            parameters_active_known,
            case when architecture_known in ('dense', 'hybrid') then parameters_total_given end
        ) as parameters_active,
        coalesce(
            tokens_given, case when epochs is not null then dataset_size * epochs end
        ) as tokens,
        tokens_given is null and dataset_size * epochs is not null as is_tokens_from_epochs,
        coalesce(device_hours_given, duration_h_given * hardware_count_given) as device_hours,
        coalesce(hardware_count_given, device_hours_given / duration_h_given) as hardware_count,
        coalesce(duration_h_given, device_hours_given / hardware_count_given) as duration_h
    from resolved
),

computed as (
    select
        *,
        coalesce(
            training_compute_flop_given,
            {{ function('training_compute_dense_flop') }}(
                parameters_active := coalesce(parameters_active, parameters_total),
                tokens := tokens
            )
        ) as training_compute_flop,
        training_compute_flop_given is null
        and parameters_active is null
        and parameters_total * tokens is not null as is_flop_from_total_parameters
    from sized
),

estimated as (
    select
        *,
        {{ function('training_energy_device_hours_kwh') }}(
            device_hours := device_hours,
            tdp_w := tdp_w
        ) as device_hours_energy_kwh,
        {{ function('training_energy_flop_kwh') }}(
            training_compute_flop := training_compute_flop,
            peak_flop_per_s := peak_flop_per_s,
            utilization_ratio := coalesce(utilization_ratio, 0.3e0),
            tdp_w := tdp_w
        ) as flop_energy_kwh,
        {{ function('implied_utilization_ratio') }}(
            training_compute_flop := training_compute_flop,
            device_hours := device_hours,
            peak_flop_per_s := peak_flop_per_s
        ) as implied_utilization_ratio
    from computed
),

-- Where the hardware is unknown the starting value stands at a reference point, the A100's data
-- sheet. The regressors see that the input is missing and were fitted with it missing.
referenced as (
    select
        *,
        coalesce(
            device_hours_energy_kwh,
            {{ function('training_energy_device_hours_kwh') }}(
                device_hours := device_hours,
                tdp_w := 400e0
            ),
            flop_energy_kwh,
            {{ function('training_energy_flop_kwh') }}(
                training_compute_flop := training_compute_flop,
                peak_flop_per_s := 312e12,
                utilization_ratio := coalesce(utilization_ratio, 0.3e0),
                tdp_w := 400e0
            )
        ) as reference_energy_kwh
    from estimated
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
    tokens,
    is_tokens_from_epochs,
    training_compute_flop,
    is_flop_from_total_parameters,
    hardware_id,
    hardware_name,
    hardware_kind,
    is_hardware_ambiguous,
    tdp_w,
    memory_gb,
    peak_flop_per_s,
    hardware_count,
    duration_h,
    device_hours,
    utilization_ratio,
    implied_utilization_ratio,
    case
        when device_hours is not null then 'device_hours'
        when training_compute_flop is not null then 'flop'
    end as energy_route,
    device_hours_energy_kwh,
    flop_energy_kwh,
    reference_energy_kwh,
    case when reference_energy_kwh > 0 then ln(reference_energy_kwh) end as ln_reference_energy,
    ln(device_hours) as ln_device_hours,
    ln(training_compute_flop) as ln_training_compute_flop,
    ln(parameters_total) as ln_parameters_total,
    ln(parameters_active / parameters_total) as ln_active_share,
    ln(hardware_count) as ln_hardware_count,
    ln(tdp_w) as ln_tdp_w,
    ln(peak_flop_per_s / tdp_w) as ln_flop_per_joule,
    case
        when implied_utilization_ratio > 0 then ln(implied_utilization_ratio)
    end as ln_implied_utilization,
    case when hardware_kind is not null then (hardware_kind = 'tpu')::double end as is_tpu,
    is_it_boundary::double as is_it_boundary
from referenced
