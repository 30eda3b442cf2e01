with

described (
    table_name, column_position, column_name, data_type, unit, description, table_kind
) as (
    values
    {{ catalogue_of_columns() }}
)

select
    cast(table_name as varchar) as table_name,
    cast(column_position as integer) as column_position,
    cast(column_name as varchar) as column_name,
    cast(data_type as varchar) as data_type,
    cast(unit as varchar) as unit,
    cast(description as varchar) as description,
    cast(table_kind as varchar) as table_kind
from described
where table_name is not null
order by table_name, column_position
