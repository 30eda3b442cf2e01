-- Our own cited table of accelerators; then the processors that CodeCarbon lists, the accelerators
-- of Epoch and the devices of the ML CO2 calculator, each where no table before it knows the
-- device. A device in two spellings is one.
with

accelerators as (
    select * from {{ ref('hardware') }}
),

own_spellings as (
    select hardware_name as spelling from accelerators
    union all
    select hardware_alias as spelling from {{ ref('hardware_aliases') }}
    union all
    select accelerators.vendor || aliases.hardware_alias as spelling
    from {{ ref('hardware_aliases') }} as aliases
    inner join accelerators on aliases.hardware_id = accelerators.hardware_id
),

known as (
    select distinct {{ function('normalize_name') }}(name := spelling) as hardware_alias
    from own_spellings
    where {{ function('normalize_name') }}(name := spelling) is not null
),

processors as (
    select
        *,
        {{ function('normalize_name') }}(name := cpu_name) as hardware_alias
    from {{ ref('stg_codecarbon__cpu_powers') }}
    where
        {{ function('normalize_name') }}(name := cpu_name) not in (
            select known.hardware_alias from known
        )
    qualify row_number() over (partition by hardware_alias order by cpu_name) = 1
),

-- Epoch adds a second name in brackets to some: B300 (Blackwell Ultra) is our B300, if we have it.
listed as (
    select
        *,
        {{ function('normalize_name') }}(name := hardware_name) as hardware_alias
    from {{ ref('stg_epoch__hardware') }}
    where
        {{ function('normalize_name') }}(name := hardware_name) not in (
            select known.hardware_alias from known
            union all
            select processors.hardware_alias from processors
        )
        and coalesce(
            {{ function('normalize_name') }}(
                name := regexp_replace(hardware_name, '\s*\([^)]*\)$', '')
            ),
            ''
        ) not in (select known.hardware_alias from known)
    qualify row_number() over (partition by hardware_alias order by hardware_name) = 1
),

calculated as (
    select
        *,
        {{ function('normalize_name') }}(name := hardware_name) as hardware_alias
    from {{ ref('stg_mlco2__gpus') }}
    where
        not is_contradictory
        and {{ function('normalize_name') }}(name := hardware_name) not in (
            select known.hardware_alias from known
            union all
            select processors.hardware_alias from processors
            union all
            select listed.hardware_alias from listed
        )
    qualify row_number() over (partition by hardware_alias order by hardware_name) = 1
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

union all by name

select
    'epoch-' || hardware_alias as hardware_id,
    hardware_name,
    vendor,
    hardware_kind,
    release_date,
    tdp_w,
    false as is_tdp_estimated,
    peak_fp32_flop_per_s,
    peak_tf32_flop_per_s,
    peak_fp16_flop_per_s,
    peak_fp8_flop_per_s,
    peak_fp4_flop_per_s,
    peak_int8_op_per_s,
    memory_gb,
    memory_bandwidth_gb_per_s,
    source_id,
    source_url
from listed

union all by name

-- Its throughputs mix number formats, so that only its power and memory are used.
select
    'mlco2-' || hardware_alias as hardware_id,
    hardware_name,
    case
        when hardware_name ilike 'intel%' then 'Intel'
        when hardware_name ilike 'amd%' then 'AMD'
    end as vendor,
    coalesce(hardware_kind, 'accelerator') as hardware_kind,
    tdp_w,
    false as is_tdp_estimated,
    memory_gb,
    source_id,
    source_url
from calculated
