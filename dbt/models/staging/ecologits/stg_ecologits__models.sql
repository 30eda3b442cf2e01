with

models as (
    select * from {{ source('ecologits', 'ecologits_models') }}
    qualify row_number() over (
        partition by provider, name
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

bounded as (
    select
        *,
        coalesce(parameters_total_min, parameters_total) as total_lower,
        coalesce(parameters_total_max, parameters_total) as total_upper,
        coalesce(parameters_active_min, parameters_active) as active_lower,
        coalesce(parameters_active_max, parameters_active) as active_upper
    from models
),

renamed as (
    select
        provider || ':' || name as ecologits_model_id,

        name as model_name,
        case
            when provider = 'huggingface_hub' then split_part(name, '/', 1)
            when provider = 'google_genai' then 'google'
            else provider
        end as publisher,
        case when provider = 'huggingface_hub' then name end as huggingface_id,
        provider as serving_provider,
        architecture_type as architecture,
        coalesce(warnings, '') like '%model-arch-not-released%'
        or total_lower < total_upper
        or active_lower < active_upper as is_parameters_estimated,
        coalesce(warnings, '') like '%model-arch-multimodal%' as is_multimodal,

        (total_lower + total_upper) / 2 * 1e9 as parameters_total,
        total_lower * 1e9 as parameters_total_lower,
        total_upper * 1e9 as parameters_total_upper,
        (active_lower + active_upper) / 2 * 1e9 as parameters_active,
        active_lower * 1e9 as parameters_active_lower,
        active_upper * 1e9 as parameters_active_upper,
        deployment_tps as throughput_tokens_per_s,
        deployment_ttft as time_to_first_token_s,

        sources as source_urls,
        source_id,
        landed_sha256,
        recorded_at
    from bounded
)

select * from renamed
