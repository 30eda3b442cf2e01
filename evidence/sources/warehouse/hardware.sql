-- One row per accelerator; processors (thousands of them) stay in dim_hardware.
select
    hardware_id,
    hardware_name,
    vendor,
    hardware_kind,
    release_date,
    tdp_w,
    is_tdp_estimated,
    coalesce(peak_bf16_flop_per_s, peak_fp16_flop_per_s) / 1e12 as peak_16_bit_tflop_per_s,
    coalesce(peak_bf16_flop_per_s, peak_fp16_flop_per_s) / nullif(tdp_w, 0) / 1e9
        as peak_16_bit_gflop_per_s_per_w,
    memory_gb,
    memory_bandwidth_gb_per_s,
    embodied_kgco2e,
    embodied_method,
    source_id,
    case when source_url like 'http%://%' then source_url end as source_url
from dim_hardware
where hardware_kind <> 'cpu'
order by release_date desc nulls last, hardware_id asc
limit 5000
