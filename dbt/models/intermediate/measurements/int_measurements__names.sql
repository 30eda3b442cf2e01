{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook='{{ forget_remade_sources() }}',
        post_hook='{{ mark_as_read() }}',
        meta={'code_of': []},
    )
}}

-- Millions of rows name a few models, accelerators and places: only what came since is looked at.
with

measurements as (
    select * from {{ source('measurements', 'measurements') }}
    where {{ is_use_not_read() }}
),

names as (
    select
        'model' as name_kind,
        model_name as name_text,
        source_id
    from measurements

    union

    select
        'hardware' as name_kind,
        hardware as name_text,
        source_id
    from measurements

    union

    select
        'region' as name_kind,
        region as name_text,
        source_id
    from measurements
)

select * from names
where name_text is not null
{% if is_incremental() %}
    except
    select * from {{ this }}
{% endif %}
