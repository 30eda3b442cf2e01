select * from {{ ref('stg_mlenergy__inference_configuration_versions') }}
qualify row_number() over (partition by configuration_key order by recorded_at desc) = 1
