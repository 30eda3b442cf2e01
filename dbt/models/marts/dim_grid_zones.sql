with

countries as (
    select * from {{ ref('countries') }}
),

subzones as (
    select * from {{ ref('grid_zones') }}
),

keys_in_use as (
    select
        grid_zone_id,
        source_id,
        provider_zone
    from {{ ref('stg_grid__zones') }}
    where grid_zone_id is not null
),

-- The keys that we know of, and those under which something has come.
keys as (
    select
        grid_zone_id,
        source_id,
        provider_zone
    from {{ ref('grid_zone_keys') }}
    union
    select * from keys_in_use
),

keys_of_zones as (
    select
        grid_zone_id,
        string_agg(source_id || '=' || provider_zone, '; ' order by source_id, provider_zone)
            as provider_keys
    from keys
    group by grid_zone_id
),

-- A part of a country that only a provider's key tells us of has no name but its key.
further_subzones as (
    select distinct
        keys.grid_zone_id,
        countries.country_name || ', ' || substring(keys.grid_zone_id, 4) as grid_zone_name,
        countries.country_iso2,
        countries.country_iso3
    from keys
    inner join countries on left(keys.grid_zone_id, 2) = countries.country_iso2
    where
        keys.grid_zone_id not in (select subzones.grid_zone_id from subzones)
        and contains(keys.grid_zone_id, '-')
),

zones as (
    select
        country_iso2 as grid_zone_id,
        country_name as grid_zone_name,
        country_iso2,
        country_iso3,
        'country' as zone_kind
    from countries

    union all

    select
        subzones.grid_zone_id,
        subzones.grid_zone_name,
        subzones.country_iso2,
        countries.country_iso3,
        'subzone' as zone_kind
    from subzones
    left join countries on subzones.country_iso2 = countries.country_iso2

    union all

    select
        grid_zone_id,
        grid_zone_name,
        country_iso2,
        country_iso3,
        'subzone' as zone_kind
    from further_subzones

    union all

    select
        'WORLD' as grid_zone_id,
        'World' as grid_zone_name,
        null as country_iso2,
        null as country_iso3,
        'world' as zone_kind
)

select
    zones.grid_zone_id,
    zones.grid_zone_name,
    zones.country_iso2,
    zones.country_iso3,
    zones.zone_kind,
    keys_of_zones.provider_keys
from zones
left join keys_of_zones on zones.grid_zone_id = keys_of_zones.grid_zone_id
