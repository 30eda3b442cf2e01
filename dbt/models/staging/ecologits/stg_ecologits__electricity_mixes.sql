select * from {{ ref('stg_ecologits__electricity_mix_versions') }}
qualify row_number() over (partition by iso3 order by recorded_at desc) = 1
