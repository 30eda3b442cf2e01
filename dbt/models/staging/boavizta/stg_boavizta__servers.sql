{# Boavizta writes `value` or `value;lower;upper`; a single value is its own bounds. #}
{% set triples = {
    'cpu_units': 'cpu_count',
    'cpu_core_units': 'cpu_core_count',
    'ram_units': 'memory_module_count',
    'ram_capacity': 'memory_module_gb',
    'ssd_units': 'ssd_count',
    'ssd_capacity': 'ssd_gb',
    'hdd_units': 'hdd_count',
    'power_supply_units': 'power_supply_count',
    'power_supply_unit_weight': 'power_supply_mass_kg',
} %}

with

servers as (
    select * from {{ source('boavizta', 'boavizta_servers') }}
    qualify row_number() over (
        partition by id
        order by recorded_at desc, fetched_at desc, landed_sha256 desc
    ) = 1
),

renamed as (
    select
        id as server_name,

        manufacturer,
        case_type,
        cpu_name,
        gpu_name as hardware_name,

        {% for given, name in triples.items() %}
            try_cast(split_part({{ given }}, ';', 1) as double) as {{ name }},
            try_cast(
                coalesce(nullif(split_part({{ given }}, ';', 2), ''), {{ given }}) as double
            ) as {{ name }}_lower,
            try_cast(
                coalesce(nullif(split_part({{ given }}, ';', 3), ''), {{ given }}) as double
            ) as {{ name }}_upper,
        {% endfor %}
        try_cast(cpu_die_size_per_core as double) as cpu_die_area_per_core_mm2,
        try_cast(gpu_units as double) as gpu_count,
        try_cast(gpu_vram as double) as gpu_memory_gb,
        try_cast(usage_hours_life_time as double) as service_life_h,

        warnings as provider_warnings,
        source_id,
        landed_sha256,
        recorded_at
    from servers
)

select * from renamed
