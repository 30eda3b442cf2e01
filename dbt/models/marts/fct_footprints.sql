{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=['subject_kind', 'subject_id'],
        on_schema_change='append_new_columns',
        meta={
            'code_of': [
                'facility_energy_kwh', 'operational_emissions_kgco2e',
                'operational_emissions_lower_kgco2e', 'operational_emissions_upper_kgco2e',
                'upstream_emissions_kgco2e', 'market_based_intensity_gco2e_per_kwh',
                'energy_weighted_intensity_gco2e_per_kwh', 'overlap_h', 'embodied_share_kgco2e',
                'sci_from_emissions_gco2e_per_unit', 'water_on_site_l', 'water_at_source_l',
                'fct_inference_uses', 'int_measurements__resolved',
            ],
            'macros': ['footprints'],
        },
        pre_hook=[
            {'sql': '{{ add_new_columns() }}', 'transaction': false},
            '{{ forget_remade_sources() }}',
            '{{ forget_footprints() }}',
        ],
        post_hook=[
            '{{ mark_as_read() }}', '{{ keep_names_of_uses() }}', '{{ keep_factor_digests() }}',
        ],
    )
}}

-- depends_on: {{ ref('int_measurements__resolved_names') }}
{% set is_made_again = is_use_made_again() %}

with

runs as (
    select * from {{ ref('int_activities__versions') }}
    where subject_kind <> 'inference_use'
    qualify row_number() over (
        partition by subject_kind, subject_id
        order by recorded_at desc
    ) = 1
),

-- Of one use measured at several boundaries one is reported: all of them are looked at together.
touched_uses as (
    select * from {{ ref('fct_inference_uses') }}
    where {{ is_made_again }}
),

all_touched_uses as (
    select * from {{ ref('fct_inference_uses') }}
    where {{ 'true' if is_made_again == 'true' else
        'activity_id in (select touched_uses.activity_id from touched_uses)' }}
),

uses as (
    select
        'inference_use' as subject_kind,
        * rename (
            inference_use_id as subject_id,
            is_estimated as is_energy_estimated,
            estimation_method as energy_method,
            reported_carbon_intensity_gco2e_per_kwh as stated_gco2e_per_kwh
        ),
        'location_based' as stated_accounting_method,
        false as is_withdrawn,
        true as is_own,
        false as is_suspect
    from all_touched_uses
),

activities as not materialized (
    select * from runs
    union all by name
    select * from uses
),

figures as (
    select * from {{ ref('fct_grid_carbon_intensity') }}
),

{{ footprints() }}

select * from footprints
