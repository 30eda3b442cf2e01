-- The calculator's own throughput per watt shows where its power or throughput is wrong.
with

gpus as (
    select * from {{ source('mlco2', 'mlco2_gpus') }}
    qualify row_number() over (
        partition by name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        'mlco2-impact:' || name as mlco2_hardware_id,

        name as hardware_name,
        case type when 'gpu' then 'gpu' when 'tpu' then 'tpu' when 'cpu' then 'cpu' end
            as hardware_kind,

        case when tdp_watts between 0.1 and 30000 then tdp_watts end as tdp_w,
        nullif(tflops32, 0) * 1e12 as peak_fp32_flop_per_s,
        nullif(tflops16, 0) * 1e12 as peak_fp16_flop_per_s,
        case when memory_gb between 0 and 2000 then memory_gb end as memory_gb,
        coalesce(abs(tflops32 * 1e3 / tdp_watts / nullif(gflops32_per_w, 0) - 1) > 0.05, false)
            as is_contradictory,

        source as source_url,
        source_id,
        landed_sha256,
        recorded_at
    from gpus
)

select * from renamed
