{{ config(materialized='table') }}

-- Every factor that a footprint may stand on, in each version that was recorded. A factor without
-- a value says that its source withdrew it, or knows none.
with

zone_years as (
    select
        'grid_year' as factor_kind,
        grid_zone_id as factor_key,
        intensity_year as year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh as factor_value,
        'gCO2e/kWh' as unit,
        estimation_method,
        preference,
        source_id,
        recorded_at
    from {{ ref('int_grid__yearly_versions') }}
    where intensity_year < extract('year' from recorded_at)
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, intensity_year, intensity_basis, emission_factor_scope,
            flow_basis, recorded_at
        order by fetched_at desc, carbon_intensity_gco2e_per_kwh asc
    ) = 1
),

-- The mean of a year of live hours, as the hours are now: the hours themselves keep their versions.
live_years as (
    select
        'grid_year' as factor_kind,
        grid_zone_id as factor_key,
        intensity_year as year,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh as factor_value,
        'gCO2e/kWh' as unit,
        estimation_method,
        preference,
        source_id,
        recorded_at
    from {{ ref('int_grid__live_years') }}
),

ecologits_mixes as (
    select * from {{ ref('stg_ecologits__electricity_mix_versions') }}
    where grid_zone_id is not null
),

zone_mixes as (
    select
        'grid_year' as factor_kind,
        grid_zone_id as factor_key,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        carbon_intensity_gco2e_per_kwh as factor_value,
        'gCO2e/kWh' as unit,
        4 as preference,
        source_id,
        recorded_at
    from ecologits_mixes
    where carbon_intensity_gco2e_per_kwh is not null
),

grid_water as (
    select
        'grid_water' as factor_kind,
        grid_zone_id as factor_key,
        wue_source_l_per_kwh as factor_value,
        'L/kWh' as unit,
        case when is_wue_world_average then 'average of the world' end as estimation_method,
        1 as preference,
        source_id,
        recorded_at
    from ecologits_mixes
    where wue_source_l_per_kwh is not null
),

fuels as (
    select
        'fuel' as factor_kind,
        fuel as factor_key,
        emission_factor_scope,
        case when not is_withdrawn then gco2e_per_kwh end as factor_value,
        case when not is_withdrawn then lower_gco2e_per_kwh end as lower_value,
        case when not is_withdrawn then upper_gco2e_per_kwh end as upper_value,
        'gCO2e/kWh' as unit,
        case when is_proxy then 'as of ' || proxy_for end as estimation_method,
        1 as preference,
        source_id,
        source_url,
        recorded_at
    from {{ ref('stg_seeds__emission_factors') }}
),

-- Boavizta's figures come in one pinned package: its version is that of all that is made of it.
boavizta as (
    select
        any_value(source_id) as source_id,
        max(recorded_at) as recorded_at
    from {{ ref('stg_boavizta__factors') }}
),

devices as (
    select
        hardware.*,
        boavizta.source_id as factor_source_id,
        boavizta.recorded_at
    from {{ ref('dim_hardware') }} as hardware
    cross join boavizta
),

hardware as (
    {% for kind, column, method in [
        ('hardware_embodied', 'embodied_kgco2e', 'embodied_method'),
        ('hardware_end_of_life', 'end_of_life_kgco2e', 'embodied_method'),
        (
            'server_embodied_share',
            'server_embodied_kgco2e_per_accelerator',
            'server_embodied_method',
        ),
    ] %}
        select
            '{{ kind }}' as factor_kind,
            hardware_id as factor_key,
            {{ column }} as factor_value,
            'kgCO2e' as unit,
            {{ method }} as estimation_method,
            1 as preference,
            factor_source_id as source_id,
            recorded_at
        from devices
        where {{ column }} is not null
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
),

-- Of a region's figures the newest year counts first, then the provider's own, as in
-- dim_cloud_regions. Ours come in versions; of the others the version in force is known.
own_regions as (
    select
        cloud_provider,
        cloud_region,
        pue_year as year,
        coalesce(pue_year, year(retrieved_date) - 1) as order_year,
        2 as preference,
        case when not is_withdrawn then pue_ratio end as pue_ratio,
        case when not is_withdrawn then wue_l_per_kwh end as wue_l_per_kwh,
        pue_source_url as source_url,
        source_id,
        recorded_at
    from {{ ref('stg_seeds__cloud_regions') }}
),

other_regions as (
    select * from {{ ref('int_cloud__region_years') }}
    where source_id <> 'joulehouse-seeds'
),

regions as (
    select * from own_regions
    union all by name
    select * from other_regions
),

overheads as (
    {% for kind, column, unit in [
        ('pue', 'pue_ratio', 'ratio'), ('wue', 'wue_l_per_kwh', 'L/kWh')
    ] %}
        select
            '{{ kind }}' as factor_kind,
            cloud_provider || ':' || cloud_region as factor_key,
            year,
            {{ column }} as factor_value,
            '{{ unit }}' as unit,
            (3000 - order_year) * 10 + preference as preference,
            source_id,
            source_url,
            recorded_at
        from regions
        -- A null is a version only where there was a figure before it.
        qualify
            count({{ column }}) over (
                partition by cloud_provider, cloud_region, year, source_id
                order by recorded_at
            ) > 0
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
),

parameters as (
    select
        'parameter' as factor_kind,
        parameter_name as factor_key,
        case when not is_withdrawn then parameter_value end as factor_value,
        unit,
        1 as preference,
        source_id,
        source_url,
        recorded_at
    from {{ ref('stg_seeds__accounting_parameters') }}
),

residual_mixes as (
    select
        'residual_mix' as factor_kind,
        grid_zone_id as factor_key,
        year,
        'average' as intensity_basis,
        emission_factor_scope,
        case when not is_withdrawn then carbon_intensity_gco2e_per_kwh end as factor_value,
        'gCO2e/kWh' as unit,
        1 as preference,
        source_id,
        source_url,
        recorded_at
    from {{ ref('stg_seeds__residual_mixes') }}
),

factors as (
    {% for relation in [
        'zone_years', 'live_years', 'zone_mixes', 'grid_water', 'fuels', 'hardware', 'overheads',
        'residual_mixes', 'parameters',
    ] %}
        select * from {{ relation }}
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    factor_kind,
    factor_key,
    cast(year as integer) as year,
    cast(intensity_basis as varchar) as intensity_basis,
    cast(emission_factor_scope as varchar) as emission_factor_scope,
    cast(flow_basis as varchar) as flow_basis,
    cast(factor_value as double) as factor_value,
    cast(lower_value as double) as lower_value,
    cast(upper_value as double) as upper_value,
    unit,
    cast(estimation_method as varchar) as estimation_method,
    cast(preference as integer) as preference,
    source_id,
    cast(source_url as varchar) as source_url,
    recorded_at
from factors
