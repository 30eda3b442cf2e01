-- The newest version of each row of our own tables is what its seed says: restated reports stand on
-- the versions, the marts on the seeds. They part where a seed was changed and the source
-- joulehouse-seeds has not read it since, which is no fault of the data (2026-11-22).
{{ config(severity='warn') }}

{% set tables = {
    'emission_factors': 'fuel, emission_factor_scope',
    'cloud_regions': 'cloud_provider, cloud_region',
    'residual_mixes': 'grid_zone_id, year, emission_factor_scope',
    'accounting_parameters': 'parameter_name',
    'published_training_runs': 'training_run_id',
} %}

with

{% for table, key in tables.items() %}
    newest_{{ table }} as (
        select * from {{ ref('stg_seeds__' ~ table) }}
        where not is_withdrawn
        qualify row_number() over (partition by {{ key }} order by recorded_at desc) = 1
    ),

    differences_{{ table }} as (
        select {{ seed_columns(table) }} from newest_{{ table }}
        except
        select {{ seed_columns(table) }} from {{ ref(table) }}
    ),

    missing_{{ table }} as (
        select {{ seed_columns(table) }} from {{ ref(table) }}
        except
        select {{ seed_columns(table) }} from newest_{{ table }}
    ){{ ',' if not loop.last }}
{% endfor %}

{% for table in tables %}
    select '{{ table }}' as seed_name from differences_{{ table }}
    union all
    select '{{ table }}' as seed_name from missing_{{ table }}
    {{ 'union all' if not loop.last }}
{% endfor %}
