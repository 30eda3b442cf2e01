with

configurations as (
    select * from {{ source('leadgreen', 'leadgreen_configurations') }}
    qualify row_number() over (
        partition by row_id, repeat
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        'leadgreen:' || row_id as inference_benchmark_id,

        name as model_name,
        model_id as huggingface_id,
        case architecture
            when 'Dense Transformer' then 'dense'
            when 'MoE' then 'moe'
            when 'Mamba-Transformer Hybrid' then 'hybrid'
        end as architecture,
        gpu,
        precision,
        'text' as task,
        'counter' as label_kind,
        case boundary when 'gpu_only' then 'accelerator' end as boundary,
        repeat as run_number,

        params_b * 1e9 as parameters_total,
        active_params_b * 1e9 as parameters_active,
        num_gpus as gpu_count,
        tensor_parallel,
        data_parallel,
        expert_parallel,
        max_num_seqs as max_concurrency,
        avg_running_batch as concurrency,
        joules_per_output_token as energy_j_per_token,
        wh_per_million_output_tokens / 1e3 as energy_wh_per_1k_tokens,
        gpu_power_watts_total as power_w,
        tokens_per_second as throughput_tokens_per_s,
        median_itl_ms as median_inter_token_latency_ms,
        p90_itl_ms as p90_inter_token_latency_ms,
        p95_itl_ms as p95_inter_token_latency_ms,
        p99_itl_ms as p99_inter_token_latency_ms,
        avg_output_tokens as output_tokens,

        source_url,
        source_compiled as measurements_compiled_date,
        data_version as dataset_version_date,
        source_id,
        landed_sha256,
        recorded_at
    from configurations
)

select * from renamed
