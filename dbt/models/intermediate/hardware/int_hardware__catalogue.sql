-- Our own cited table of accelerators, and the processors that CodeCarbon lists. A processor in two
-- spellings is one; one that our own table knows is ours.
with

accelerators as (
    select * from {{ ref('hardware') }}
),

processors as (
    select
        *,
        {{ function('normalize_name') }}(name := cpu_name) as hardware_alias
    from {{ ref('stg_codecarbon__cpu_powers') }}
    where
        {{ function('normalize_name') }}(name := cpu_name) not in (
            select known.hardware_alias
            from (
                select {{ function('normalize_name') }}(name := hardware_name) as hardware_alias
                from accelerators
                union all
                select {{ function('normalize_name') }}(name := hardware_alias) as hardware_alias
                from {{ ref('hardware_aliases') }}
            ) as known
            where known.hardware_alias is not null
        )
    qualify row_number() over (partition by hardware_alias order by cpu_name) = 1
)

select
    hardware_id,
    hardware_name,
    vendor,
    hardware_kind,
    release_date,
    tdp_w,
    is_tdp_estimated,
    peak_fp32_flop_per_s,
    peak_tf32_flop_per_s,
    peak_fp16_flop_per_s,
    peak_bf16_flop_per_s,
    peak_fp8_flop_per_s,
    peak_fp4_flop_per_s,
    peak_int8_op_per_s,
    memory_gb,
    memory_bandwidth_gb_per_s,
    'joulehouse-seeds' as source_id,
    source_url
from accelerators

union all by name

select
    'cpu-' || hardware_alias as hardware_id,
    cpu_name as hardware_name,
    case
        when cpu_name ilike 'intel%' then 'Intel'
        when cpu_name ilike 'amd%' then 'AMD'
    end as vendor,
    'cpu' as hardware_kind,
    nullif(tdp_w, 0) as tdp_w,
    false as is_tdp_estimated,
    source_id
from processors
