-- Rows in = rows out: nothing is lost or doubled on the way to a mart.
with

counts as (
    select
        'fct_training_runs' as mart,
        (select count(*) from {{ ref('published_training_runs') }}) as rows_in,
        (select count(*) from {{ ref('fct_training_runs') }}) as rows_out

    union all

    select
        'fct_inference_benchmarks' as mart,
        (select count(*) from {{ ref('stg_leadgreen__inference_configurations') }}) as rows_in,
        (select count(*) from {{ ref('fct_inference_benchmarks') }}) as rows_out

    union all

    -- Each hour has a row for each scope, flagged or not; each yearly figure has one.
    select
        'fct_grid_carbon_intensity' as mart,
        (
            2 * (select count(*) from {{ ref('int_grid__hourly_mix') }})
            + (select count(*) from {{ ref('int_grid__yearly_intensities') }})
        ) as rows_in,
        (select count(*) from {{ ref('fct_grid_carbon_intensity') }}) as rows_out

    union all

    select
        'fct_footprints' as mart,
        (
            (
                select count(*) from {{ ref('fct_training_runs') }}
                where energy_kwh is not null or reported_emissions_kgco2e is not null
            )
            + (select count(*) from {{ ref('fct_inference_benchmarks') }})
        ) as rows_in,
        (select count(*) from {{ ref('fct_footprints') }}) as rows_out

    union all

    -- Every flagged hour is counted in a finding.
    select
        'meta_findings' as mart,
        (
            select count(*) from {{ ref('int_grid__hourly_mix') }}
            where quality_flag is not null
        ) as rows_in,
        (
            select coalesce(sum(finding_count), 0) from {{ ref('meta_findings') }}
            where table_name = 'fct_grid_carbon_intensity'
        ) as rows_out

    union all

    select
        'dim_cloud_regions' as mart,
        (
            select count(distinct cloud_provider || ':' || cloud_region)
            from {{ ref('cloud_regions') }}
        ) as rows_in,
        (
            select count(*) from {{ ref('dim_cloud_regions') }}
            where source_id = 'joulehouse-seeds'
        ) as rows_out
)

select * from counts
where rows_in <> rows_out
