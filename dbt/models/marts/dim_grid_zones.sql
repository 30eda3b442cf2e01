with

countries as (
    select * from {{ ref('countries') }}
),

subzones as (
    select * from {{ ref('grid_zones') }}
)

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
    'WORLD' as grid_zone_id,
    'World' as grid_zone_name,
    null as country_iso2,
    null as country_iso3,
    'world' as zone_kind
