-- A place that resolves to one country while its words name another.
with

regions as (
    select * from {{ ref('dim_region_intensity') }}
),

zones as (
    select * from {{ ref('dim_grid_zones') }}
),

runs as (
    select * from {{ ref('fct_training_runs') }}
),

-- A name that a state shares with a country (Georgia) is the state's, where the state is meant.
countries as (
    select
        regions.region_key,
        zones.country_iso2
    from regions
    inner join zones on regions.grid_zone_id = zones.grid_zone_id
    where
        regions.region_kind in ('country_name', 'country_iso3')
        and zones.zone_kind = 'country'
        and length(regions.region_key) > 2
),

states as (
    select
        {{ function('normalize_region') }}(region := grid_zone_name) as region_key,
        country_iso2
    from zones
    where zone_kind = 'subzone'
),

places as (
    select
        'fct_training_runs' as table_name,
        training_run_id as subject,
        region as place,
        grid_zone_id,
        source_id
    from runs
    where region is not null

    union all

    select
        'dim_cloud_regions' as table_name,
        cloud_provider || ':' || cloud_region as subject,
        location as place,
        grid_zone_id,
        source_id
    from {{ ref('dim_cloud_regions') }}
    where location is not null
),

words as (
    select
        places.*,
        zones.country_iso2,
        {{ function('normalize_region') }}(region := parts.part) as word
    from places
    inner join zones on places.grid_zone_id = zones.grid_zone_id
    cross join unnest(
        list_distinct(list_concat([places.place], regexp_split_to_array(places.place, '[,;()/]')))
    ) as parts (part)
),

named as (
    select
        words.table_name,
        words.subject,
        any_value(words.place) as place,
        any_value(words.country_iso2) as country_iso2,
        any_value(countries.country_iso2) as named_country_iso2,
        any_value(words.source_id) as source_id
    from words
    inner join countries on words.word = countries.region_key
    left join states
        on words.word = states.region_key and words.country_iso2 = states.country_iso2
    where countries.country_iso2 <> words.country_iso2 and states.region_key is null
    group by words.table_name, words.subject
),

of_places as (
    select
        'place_contradicted' as finding_kind,
        table_name,
        subject,
        'It was taken to lie in ' || country_iso2 || ', and its words (' || place || ') name '
        || named_country_iso2 || '.' as detail,
        source_id
    from named
),

of_cards as (
    select
        'place_contradicted' as finding_kind,
        'fct_training_runs' as table_name,
        training_run_id as subject,
        'The front matter says ' || region || ', the text ' || region_in_text || '.' as detail,
        source_id
    from runs
    where list_contains(string_split(label_flags, '; '), 'other_place_in_text')
),

-- Two lists that put one region of a provider into two countries.
listed as (
    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        source_id
    from {{ ref('stg_codecarbon__cloud_regions') }}
    union all
    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        source_id
    from {{ ref('stg_boavizta__cloud_regions') }}
    union all
    select
        cloud_provider,
        cloud_region,
        arg_max(grid_zone_id, year) as grid_zone_id,
        any_value(source_id) as source_id
    from {{ ref('stg_gsf__region_years') }}
    group by cloud_provider, cloud_region
    union all
    select
        cloud_provider,
        cloud_region,
        grid_zone_id,
        source_id
    from {{ ref('stg_mlco2__cloud_regions') }}
),

of_lists as (
    select
        'place_contradicted' as finding_kind,
        'dim_cloud_regions' as table_name,
        listed.cloud_provider || ':' || listed.cloud_region as subject,
        'This source puts it in ' || listed_zones.country_iso2 || ', dim_cloud_regions in '
        || zones.country_iso2 || '.' as detail,
        listed.source_id
    from listed
    inner join {{ ref('dim_cloud_regions') }} as known
        on
            listed.cloud_provider = known.cloud_provider
            and listed.cloud_region = known.cloud_region
    inner join zones on known.grid_zone_id = zones.grid_zone_id
    inner join zones as listed_zones on listed.grid_zone_id = listed_zones.grid_zone_id
    where listed_zones.country_iso2 <> zones.country_iso2
    qualify row_number() over (partition by subject, listed.source_id order by detail) = 1
),

found as (
    select * from of_places
    union all by name
    select * from of_cards
    where subject not in (select of_places.subject from of_places)
    union all by name
    select * from of_lists
)

select
    *,
    1 as finding_count
from found
