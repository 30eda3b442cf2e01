-- One row per measured configuration, at most 20,000.
select
    inference_benchmark_id,
    model_name,
    model_family,
    gpu,
    gpu_count,
    task,
    functional_unit,
    precision,
    label_kind,
    coalesce(boundary, 'not stated') as boundary,
    parameters_active / 1e9 as parameters_active_billion,
    concurrency,
    energy_j_per_unit,
    energy_j_per_token,
    energy_wh_per_1k_tokens,
    energy_j_per_request / 3600 as energy_wh_per_request,
    throughput_tokens_per_s,
    median_inter_token_latency_ms,
    is_truth,
    source_id,
    case when source_url like 'http%://%' then source_url end as source_url
from fct_inference_benchmarks
order by inference_benchmark_id
limit 20000
