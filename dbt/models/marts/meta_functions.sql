with

described (
    function_name,
    function_kind,
    arguments,
    arguments_json,
    return_type,
    return_unit,
    description,
    reference,
    reference_url,
    valid_domain
) as (
    values
    {{ catalogue_of_functions() }}
)

select
    cast(function_name as varchar) as function_name,
    cast(function_kind as varchar) as function_kind,
    cast(arguments as varchar) as arguments,
    cast(arguments_json as varchar) as arguments_json,
    cast(return_type as varchar) as return_type,
    cast(return_unit as varchar) as return_unit,
    cast(description as varchar) as description,
    cast(reference as varchar) as reference,
    cast(reference_url as varchar) as reference_url,
    cast(valid_domain as varchar) as valid_domain
from described
where function_name is not null
order by function_name
