-- A figure beyond all that was ever built is a slip of the unit, and is left out.
with

hardware as (
    select * from {{ source('epoch', 'epoch_hardware') }}
    qualify row_number() over (
        partition by hardware_name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        'epoch:' || hardware_name as epoch_hardware_id,

        hardware_name,
        manufacturer as vendor,
        case
            when hardware_type in ('GPU', 'GPGPU') then 'gpu'
            when hardware_type = 'TPU' then 'tpu'
            when hardware_type = 'CPU' then 'cpu'
            else 'accelerator'
        end as hardware_kind,
        try_cast(release_date as date) as release_date,

        case when tdp_w between 0.1 and 30000 then tdp_w end as tdp_w,
        case when fp64_flop_per_s between 1e9 and 1e17 then fp64_flop_per_s end
            as peak_fp64_flop_per_s,
        case when fp32_flop_per_s between 1e9 and 1e17 then fp32_flop_per_s end
            as peak_fp32_flop_per_s,
        case when tf32_flop_per_s between 1e9 and 1e17 then tf32_flop_per_s end
            as peak_tf32_flop_per_s,
        case
            when coalesce(tensor_fp16_bf16_flop_per_s, fp16_flop_per_s) between 1e9 and 1e17
                then coalesce(tensor_fp16_bf16_flop_per_s, fp16_flop_per_s)
        end as peak_fp16_flop_per_s,
        case when fp8_flop_per_s between 1e9 and 1e17 then fp8_flop_per_s end
            as peak_fp8_flop_per_s,
        case when fp4_flop_per_s between 1e9 and 1e18 then fp4_flop_per_s end
            as peak_fp4_flop_per_s,
        case when int8_op_per_s between 1e9 and 1e18 then int8_op_per_s end as peak_int8_op_per_s,
        case when memory_bytes between 1e6 and 2e12 then memory_bytes / 1e9 end as memory_gb,
        case
            when memory_bandwidth_byte_per_s between 1e8 and 1e15
                then memory_bandwidth_byte_per_s / 1e9
        end as memory_bandwidth_gb_per_s,
        die_size_mm2 as die_area_mm2,
        process_size_nm as process_node_nm,

        datasheet_url as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from hardware
)

select * from renamed
