{#
    Boavizta's server types behind cloud instances have rows whose memory cannot be: Google's carry
    the whole host's gigabytes as those of one module, times 340 to 738 modules. A module of more
    than 256 GB was not sold for these servers (2026-11-22), so such rows are left out.
#}
{% set largest_memory_module_gb = 256 %}

with

servers as (
    select * from {{ ref('stg_boavizta__servers') }}
    where gpu_count > 0 and memory_module_gb <= {{ largest_memory_module_gb }}
),

aliases as (
    select * from {{ ref('dim_hardware_aliases') }}
),

cpus as (
    select
        code_name,
        core_count,
        die_area_mm2,
        {{ function('normalize_name') }}(name := cpu_name) as cpu_alias
    from {{ ref('stg_boavizta__cpus') }}
    qualify row_number() over (
        partition by {{ function('normalize_name') }}(name := cpu_name)
        order by die_area_mm2 desc nulls last, code_name asc
    ) = 1
),

-- Boavizta's own stand-ins for a processor without a die figure: the mean of its family, and where
-- that has none, of all with as many cores. They move a host by less than a hundredth.
families as (
    select
        code_name,
        avg(die_area_mm2) as die_area_mm2
    from {{ ref('stg_boavizta__cpus') }}
    where die_area_mm2 is not null
    group by code_name
),

core_counts as (
    select
        core_count,
        avg(die_area_mm2) as die_area_mm2
    from {{ ref('stg_boavizta__cpus') }}
    where die_area_mm2 is not null
    group by core_count
),

densities as (
    select
        avg(density_gb_per_cm2) filter (where component = 'ram') as memory_density_gb_per_cm2,
        avg(density_gb_per_cm2) filter (where component = 'ssd') as ssd_density_gb_per_cm2
    from {{ ref('stg_boavizta__memory_densities') }}
),

defaults as (
    select max(default_number) as power_supply_mass_kg
    from {{ ref('stg_boavizta__component_defaults') }}
    where component = 'power_supply' and attribute_name = 'unit_weight'
),

factors as (
    select
        max(impact_per_quantity) filter (where component = 'cpu' and factor_name = 'die_impact')
            as cpu_kgco2e_per_mm2,
        max(impact_per_quantity) filter (where component = 'cpu' and factor_name = 'impact')
            as cpu_base_kgco2e,
        max(impact_per_quantity) filter (where component = 'ram' and factor_name = 'die_impact')
            as memory_kgco2e_per_cm2,
        max(impact_per_quantity) filter (where component = 'ram' and factor_name = 'impact')
            as memory_base_kgco2e,
        max(impact_per_quantity) filter (where component = 'ssd' and factor_name = 'die_impact')
            as ssd_kgco2e_per_cm2,
        max(impact_per_quantity) filter (where component = 'ssd' and factor_name = 'impact')
            as ssd_base_kgco2e,
        max(impact_per_quantity) filter (where component = 'hdd') as hdd_kgco2e,
        max(impact_per_quantity) filter (where component = 'power_supply')
            as power_supply_kgco2e_per_kg,
        max(impact_per_quantity) filter (where component = 'motherboard') as motherboard_kgco2e,
        max(impact_per_quantity) filter (where component = 'case' and part = 'rack')
            as rack_kgco2e,
        max(impact_per_quantity) filter (where factor_name = 'impact_blade_16_slots')
            as blade_enclosure_kgco2e,
        max(impact_per_quantity) filter (where factor_name = 'impact_blade_server')
            as blade_kgco2e,
        max(impact_per_quantity) filter (where component = 'assembly') as assembly_kgco2e
    from {{ ref('stg_boavizta__factors') }}
    where criterion = 'gwp'
),

assessed as (
    select
        aliases.hardware_id,
        servers.server_name,
        servers.gpu_count as accelerator_count,
        {{ function('server_embodied_kgco2e') }}(
            cpu_count := servers.cpu_count,
            cpu_kgco2e := {{ function('cpu_embodied_kgco2e') }}(
                die_area_mm2 := coalesce(
                    servers.cpu_die_area_per_core_mm2 * servers.cpu_core_count,
                    cpus.die_area_mm2,
                    families.die_area_mm2,
                    core_counts.die_area_mm2
                ),
                die_kgco2e_per_mm2 := factors.cpu_kgco2e_per_mm2,
                base_kgco2e := factors.cpu_base_kgco2e
            ),
            memory_module_count := servers.memory_module_count,
            memory_module_kgco2e := {{ function('memory_embodied_kgco2e') }}(
                capacity_gb := servers.memory_module_gb,
                density_gb_per_cm2 := densities.memory_density_gb_per_cm2,
                die_kgco2e_per_cm2 := factors.memory_kgco2e_per_cm2,
                base_kgco2e := factors.memory_base_kgco2e
            ),
            ssd_count := servers.ssd_count,
            ssd_kgco2e := {{ function('memory_embodied_kgco2e') }}(
                capacity_gb := servers.ssd_gb,
                density_gb_per_cm2 := densities.ssd_density_gb_per_cm2,
                die_kgco2e_per_cm2 := factors.ssd_kgco2e_per_cm2,
                base_kgco2e := factors.ssd_base_kgco2e
            ),
            hdd_count := servers.hdd_count,
            hdd_kgco2e := factors.hdd_kgco2e,
            power_supply_count := servers.power_supply_count,
            -- A supply of 0 kg is one that nobody weighed.
            power_supply_mass_kg := coalesce(
                nullif(servers.power_supply_mass_kg, 0), defaults.power_supply_mass_kg
            ),
            power_supply_kgco2e_per_kg := factors.power_supply_kgco2e_per_kg,
            motherboard_kgco2e := factors.motherboard_kgco2e,
            case_kgco2e := case servers.case_type
                when 'rack' then factors.rack_kgco2e
                when 'blade' then factors.blade_enclosure_kgco2e / 16 + factors.blade_kgco2e
            end,
            assembly_kgco2e := factors.assembly_kgco2e
        ) as server_embodied_kgco2e,
        servers.source_id
    from servers
    cross join factors
    cross join densities
    cross join defaults
    inner join aliases
        on
            {{ function('normalize_name') }}(name := servers.hardware_name)
            = aliases.hardware_alias
    left join cpus
        on {{ function('normalize_name') }}(name := servers.cpu_name) = cpus.cpu_alias
    left join families on cpus.code_name = families.code_name
    left join core_counts on cpus.core_count = core_counts.core_count
)

select
    hardware_id,

    server_name,
    accelerator_count,

    server_embodied_kgco2e,
    {{ function('server_share_kgco2e') }}(
        server_embodied_kgco2e := server_embodied_kgco2e,
        accelerator_count := accelerator_count
    ) as server_embodied_kgco2e_per_accelerator,

    source_id
from assessed
where server_embodied_kgco2e is not null
-- The host of the most accelerators is the one that training runs on.
qualify row_number() over (
    partition by hardware_id order by accelerator_count desc, server_name asc
) = 1
