-- Our own table first; the models that only EcoLogits, ML.ENERGY or Epoch lists come with their
-- parameter counts.
select
    model_id,

    model_name,
    publisher,
    model_family,
    model_backbone,
    architecture,
    modality,
    cast(release_date as date) as release_date,
    huggingface_id,

    cast(parameters_total as double) as parameters_total,
    cast(parameters_active as double) as parameters_active,
    is_parameters_estimated,

    'joulehouse-seeds' as source_id,
    source_url
from {{ ref('models') }}

union all

select
    model_id,

    model_name,
    publisher,
    null as model_family,
    null as model_backbone,
    architecture,
    null as modality,
    null as release_date,
    huggingface_id,

    parameters_total,
    parameters_active,
    is_parameters_estimated,

    source_id,
    nullif(trim(split_part(source_urls, ';', 1)), '') as source_url
from {{ ref('int_models__listed') }}
where own_model_id is null

union all

select
    model_id,

    model_name,
    publisher,
    null as model_family,
    null as model_backbone,
    architecture,
    modality,
    release_date,
    huggingface_id,

    parameters_total,
    parameters_active,
    is_parameters_estimated,

    source_id,
    source_url
from {{ ref('int_models__others') }}
