with

models as (
    select * from {{ source('mlenergy', 'mlenergy_models') }}
    qualify row_number() over (
        partition by model_id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        model_id as huggingface_id,

        coalesce(nickname, split_part(model_id, '/', -1)) as model_name,
        split_part(model_id, '/', 1) as publisher,
        case architecture
            when 'Dense Transformer' then 'dense'
            when 'MoE' then 'moe'
            when 'Mamba-Transformer Hybrid' then 'hybrid'
        end as architecture,
        weight_precision as precision,

        case when total_params_billions between 1e-9 and 1e5 then total_params_billions * 1e9 end
            as parameters_total,
        case
            when activated_params_billions between 1e-9 and 1e5
                then activated_params_billions * 1e9
        end as parameters_active,

        source_id,
        landed_sha256,
        recorded_at
    from models
)

select * from renamed
