with

sources as (
    select * from {{ source('joulehouse', 'sources') }}
),

runs as (
    select * from {{ source('joulehouse', 'source_runs') }}
),

loads as (
    select * from {{ source('joulehouse', 'loads') }}
),

newest_runs as (
    select * from runs
    qualify row_number() over (
        partition by source_id
        order by started_at desc, run_id asc
    ) = 1
),

successes as (
    select
        source_id,
        max(finished_at) as last_success_at
    from runs
    where state in ('loaded', 'unchanged', 'partial')
    group by source_id
),

rows_held as (
    select
        source_id,
        sum(row_count) as row_count,
        sum(quarantined_count) as quarantined_count,
        max(loaded_at) as last_loaded_at
    from loads
    group by source_id
),

-- The tables that we wrote ourselves are there before the first run that lists them as a source.
own_tables as (
    select
        'joulehouse-seeds' as source_id,
        'Joulehouse reference tables' as title,
        'The Joulehouse developers' as publisher,
        'Facts, each row with its own source_url and licence' as licence,
        'Cite the source_url of the row' as citation,
        'Published training runs, hardware, models, emission factors, grid zones and cloud '
        || 'regions, collected and checked by hand from the sources that each row names.'
            as description,
        'loaded' as last_state,
        (
            {% set seeds = [
                'published_training_runs', 'hardware', 'hardware_aliases', 'models', 'model_aliases',
                'emission_factors', 'production_type_fuels', 'countries', 'grid_zones',
                'grid_zone_keys', 'cloud_regions',
            ] %}
            {% for seed in seeds %}
                (select count(*) from {{ ref(seed) }}){{ " +" if not loop.last }}
            {% endfor %}
        ) as row_count,
        0 as quarantined_count
),

described as (
    select
        sources.source_id,
        sources.title,
        sources.publisher,
        sources.homepage_url,
        sources.licence,
        sources.licence_url,
        sources.citation,
        sources.description,
        sources.cadence_h,
        coalesce(successes.last_success_at, rows_held.last_loaded_at) as last_success_at,
        newest_runs.state as last_state,
        nullif(newest_runs.error, '') as last_error,
        coalesce(rows_held.row_count, 0) as row_count,
        coalesce(rows_held.quarantined_count, 0) as quarantined_count
    from sources
    left join newest_runs on sources.source_id = newest_runs.source_id
    left join successes on sources.source_id = successes.source_id
    left join rows_held on sources.source_id = rows_held.source_id

    union all by name

    select * from own_tables
    where source_id not in (select sources.source_id from sources)
)

select
    source_id,
    title,
    publisher,
    homepage_url,
    licence,
    licence_url,
    citation,
    description,
    cadence_h,
    last_success_at,
    last_state,
    last_error,
    cast(row_count as bigint) as row_count,
    cast(quarantined_count as bigint) as quarantined_count
from described
