-- What each row of our own tables said, from when on. A file lands whole whenever it changed, so a
-- row that a later file has not is withdrawn; it then shows what it said last.
with

-- Of two states of a file that one run read, the later one stands.
files as (
    select
        landings.landing_id,
        replace(landings.name, '.csv', '') as seed_name,
        loads.landed_sha256,
        loads.recorded_at
    from {{ source('joulehouse', 'landings') }} as landings
    inner join {{ source('joulehouse', 'loads') }} as loads
        on
            landings.source_id = loads.source_id
            and landings.landing_id = loads.landing_id
    where loads.source_id = 'joulehouse-seeds' and coalesce(loads.error, '') = ''
    qualify row_number() over (
        partition by seed_name, loads.recorded_at
        order by landings.fetched_at desc, landings.landing_id desc
    ) = 1
),

seed_values as (
    select * from {{ seed_values() }}
),

rows_of_files as (
    select
        files.landing_id,
        seed_values.seed_name,
        seed_values.row_key,
        map(
            list(seed_values.column_name order by seed_values.column_name),
            list(seed_values.value_text order by seed_values.column_name)
        ) as cells
    from seed_values
    inner join files on seed_values.landing_id = files.landing_id
    group by files.landing_id, seed_values.seed_name, seed_values.row_key
),

known_rows as (
    select distinct
        seed_name,
        row_key
    from rows_of_files
),

states as (
    select
        known_rows.seed_name,
        known_rows.row_key,
        files.landed_sha256,
        files.recorded_at,
        rows_of_files.cells,
        lag(rows_of_files.cells) over in_time as cells_before,
        last_value(rows_of_files.cells ignore nulls) over in_time as cells_known
    from known_rows
    inner join files on known_rows.seed_name = files.seed_name
    left join rows_of_files
        on
            files.landing_id = rows_of_files.landing_id
            and known_rows.row_key = rows_of_files.row_key
    window
        in_time as (
            partition by known_rows.seed_name, known_rows.row_key
            order by files.recorded_at
            rows between unbounded preceding and current row
        )
)

select
    seed_name,
    row_key,
    recorded_at,

    cells is null as is_withdrawn,
    cells_known as cells,

    'joulehouse-seeds' as source_id,
    landed_sha256
from states
where cells is distinct from cells_before
