with

catalogue as (
    select * from {{ ref('int_hardware__catalogue') }}
),

embodied as (
    select * from {{ ref('int_hardware__embodied') }}
),

servers as (
    select * from {{ ref('int_hardware__server_embodied') }}
)

select
    catalogue.hardware_id,

    catalogue.hardware_name,
    catalogue.vendor,
    catalogue.hardware_kind,
    cast(catalogue.release_date as date) as release_date,

    cast(catalogue.tdp_w as double) as tdp_w,
    catalogue.is_tdp_estimated,
    cast(catalogue.peak_fp32_flop_per_s as double) as peak_fp32_flop_per_s,
    cast(catalogue.peak_tf32_flop_per_s as double) as peak_tf32_flop_per_s,
    cast(catalogue.peak_fp16_flop_per_s as double) as peak_fp16_flop_per_s,
    cast(catalogue.peak_bf16_flop_per_s as double) as peak_bf16_flop_per_s,
    cast(catalogue.peak_fp8_flop_per_s as double) as peak_fp8_flop_per_s,
    cast(catalogue.peak_fp4_flop_per_s as double) as peak_fp4_flop_per_s,
    cast(catalogue.peak_int8_op_per_s as double) as peak_int8_op_per_s,
    cast(catalogue.memory_gb as double) as memory_gb,
    cast(catalogue.memory_bandwidth_gb_per_s as double) as memory_bandwidth_gb_per_s,

    embodied.embodied_kgco2e,
    case
        when embodied.embodied_kgco2e is not null
            then 'Boavizta, parts of the card: ' || embodied.hardware_name
    end as embodied_method,
    embodied.end_of_life_kgco2e,
    servers.server_embodied_kgco2e_per_accelerator,
    case
        when servers.server_embodied_kgco2e_per_accelerator is not null
            then
                'Boavizta, parts of the server '
                || servers.server_name
                || ' without its accelerators, over '
                || cast(cast(servers.accelerator_count as integer) as varchar)
    end as server_embodied_method,

    catalogue.source_id,
    catalogue.source_url
from catalogue
left join embodied on catalogue.hardware_id = embodied.hardware_id
left join servers on catalogue.hardware_id = servers.hardware_id
