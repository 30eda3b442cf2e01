-- One row per training run: what it states beside what its hardware, hours and grid let expect. A
-- base of the rules on runs, not a rule.
{#
    (2026-11-22) Accelerators: at 1.1 times the TDP for hours the card or the count is another one, at
    1.5 it is certain (public logs: 0.06 to 1.42 between repositories, the upper end by wrong counts).
    A server adds processors, memory and fans: a DGX H100 has 10.2 kW for 8 x 700 W, 1.8 times; a small
    card in a big host more, so 3. A building adds its overhead: 4, as fct_training_runs has it.
#}
{# Hours of devices equal to the hours of the run, with more than one device: 0.5 % for rounding. #}
{% set hours_agreement = 0.005 %}
{% set grid = plausible_grid_gco2e_per_kwh() %}

with

runs as (
    select * from {{ ref('fct_training_runs') }}
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

variants as (
    select * from {{ ref('int_findings__hardware_variants') }}
),

zones as (
    select
        grid_zone_id,
        any_value(carbon_intensity_gco2e_per_kwh) as zone_gco2e_per_kwh
    from {{ ref('dim_region_intensity') }}
    group by grid_zone_id
),

stated as (
    select
        runs.*,
        hardware.hardware_name,
        hardware.tdp_w,
        coalesce(variants.variants, []) as variants,
        zones.zone_gco2e_per_kwh,
        coalesce(
            runs.hardware_count > 1
            and abs(runs.device_hours / nullif(runs.duration_h, 0) - 1) < {{ hours_agreement }},
            false
        ) as is_count_left_out
    from runs
    left join hardware on runs.hardware_id = hardware.hardware_id
    left join variants on runs.hardware_id = variants.hardware_id
    left join zones on runs.grid_zone_id = zones.grid_zone_id
),

counted as (
    select
        *,
        case
            when is_count_left_out then duration_h * hardware_count
            else coalesce(device_hours, duration_h * hardware_count)
        end as counted_device_hours,
        -- A facility's energy holds the overhead, another's does not.
        case when boundary = 'facility' then coalesce(pue_ratio, 1) else 1 end as overhead_ratio,
        {{ most_over_tdp('boundary') }} as max_over_tdp,
        case
            when reported_carbon_intensity_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }}
                then reported_carbon_intensity_gco2e_per_kwh
        end as stated_gco2e_per_kwh
    from stated
),

rated as (
    select
        *,
        nullif({{ function('training_energy_device_hours_kwh') }}(
            device_hours := counted_device_hours,
            tdp_w := tdp_w
        ), 0) as rated_kwh
    from counted
)

select
    *,
    energy_kwh / rated_kwh as rated_ratio,
    average_power_w / tdp_w as power_ratio
from rated
