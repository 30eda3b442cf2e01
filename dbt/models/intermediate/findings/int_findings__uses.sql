-- Uses of models against their hardware, hours and tokens: one finding a kind and source, with how
-- many and one example. They can be millions, so that each is looked at once.
{#
    (2026-11-22) The bounds of training runs (int_findings__energy, int_findings__emissions) where a
    use states the same. Energy of an output token: measured text generation needs 0.01 to 40 J; 25
    times above it and a hundredth below it leave room for other hardware.
#}
{% set joule = 3600000 %}
{% set j_per_token = [0.0001, 1000] %}
{% set grid = plausible_grid_gco2e_per_kwh() %}

with

uses as (
    select * from {{ ref('fct_inference_uses') }}
),

hardware as (
    select
        hardware_id,
        tdp_w
    from {{ ref('dim_hardware') }}
    where tdp_w > 0
),

clock as (
    select
        coalesce(
            (select max(as_of) from {{ source('joulehouse', 'builds') }}),
            (select max(fetched_at) from {{ source('joulehouse', 'landings') }})
        ) + interval 1 day as latest_at
),

figures as (
    select
        uses.inference_use_id,
        uses.energy_kwh,
        uses.output_tokens,
        uses.device_hours,
        uses.duration_h,
        uses.hardware_count,
        uses.pue_ratio,
        uses.started_at,
        uses.reported_carbon_intensity_gco2e_per_kwh as stated_gco2e_per_kwh,
        uses.is_estimated,
        uses.source_id,
        clock.latest_at,
        uses.energy_kwh / nullif({{ function('training_energy_device_hours_kwh') }}(
            device_hours := uses.device_hours,
            tdp_w := hardware.tdp_w
        ), 0) as rated_ratio,
        {{ function('energy_j_per_token') }}(
            energy_kwh := uses.energy_kwh,
            tokens := uses.output_tokens
        ) as energy_j_per_token,
        uses.reported_emissions_kgco2e * 1000 / nullif(uses.energy_kwh, 0)
            as implied_gco2e_per_kwh,
        {{ most_over_tdp('uses.boundary') }} as max_over_tdp
    from uses
    left join hardware on uses.hardware_id = hardware.hardware_id
    cross join clock
),

judged as (
    select
        inference_use_id,
        source_id,
        started_at,
        case
            when energy_kwh < 0 then 'negative_energy'
            when pue_ratio < 1 then 'pue_below_one'
            when started_at > latest_at then 'starts_in_the_future'
            when energy_kwh = 0 and output_tokens > 0 then 'zero_energy'
            when hardware_count > 1 and abs(device_hours / nullif(duration_h, 0) - 1) < 0.005
                then 'gpu_count_ignored'
            when is_estimated then null
            when rated_ratio between {{ joule }} * 0.02 and {{ joule }} * max_over_tdp
                then 'energy_in_joules'
            when rated_ratio between 1000 * 0.05 and 1000 * max_over_tdp
                then 'energy_in_watt_hours'
            when rated_ratio > max_over_tdp then 'power_above_tdp'
            when
                rated_ratio is null
                and not energy_j_per_token between {{ j_per_token[0] }} and {{ j_per_token[1] }}
                then 'energy_per_token_outside_bounds'
            when not stated_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }}
                then 'intensity_outside_bounds'
            when
                implied_gco2e_per_kwh < {{ grid[0] }}
                and implied_gco2e_per_kwh * 1000 between {{ grid[0] }} and {{ grid[1] }}
                then 'emissions_thousandfold_low'
            when
                implied_gco2e_per_kwh > {{ grid[1] }} * 2
                and implied_gco2e_per_kwh / 1000 between {{ grid[0] }} and {{ grid[1] }}
                then 'emissions_thousandfold_high'
            when not implied_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }} * 2
                then 'emissions_impossible'
        end as finding_kind,
        case finding_kind
            when 'negative_energy' then struct_pack(found := energy_kwh, unit := 'kWh')
            when 'zero_energy' then struct_pack(found := energy_kwh, unit := 'kWh')
            when 'pue_below_one' then struct_pack(found := pue_ratio, unit := '1')
            when 'gpu_count_ignored' then struct_pack(found := device_hours, unit := 'h')
            when 'energy_per_token_outside_bounds'
                then struct_pack(found := energy_j_per_token, unit := 'J')
            when 'intensity_outside_bounds'
                then struct_pack(found := stated_gco2e_per_kwh, unit := 'gCO2e/kWh')
            when 'emissions_thousandfold_low'
                then struct_pack(found := implied_gco2e_per_kwh, unit := 'gCO2e/kWh')
            when 'emissions_thousandfold_high'
                then struct_pack(found := implied_gco2e_per_kwh, unit := 'gCO2e/kWh')
            when 'emissions_impossible'
                then struct_pack(found := implied_gco2e_per_kwh, unit := 'gCO2e/kWh')
            when 'starts_in_the_future'
                then struct_pack(found := cast(null as double), unit := null)
            else struct_pack(found := rated_ratio, unit := '1')
        end as observation
    from figures
    where finding_kind is not null
)

select
    finding_kind,
    'fct_inference_uses' as table_name,
    min(inference_use_id) as subject,
    count(*) as finding_count,
    min(started_at) as first_at,
    max(started_at) as last_at,
    arg_min(observation['found'], inference_use_id) as observed_value,
    case
        when finding_kind = 'pue_below_one' then 1
        when finding_kind = 'energy_per_token_outside_bounds' then {{ j_per_token[0] }}
        when any_value(observation['unit']) = 'gCO2e/kWh' then {{ grid[0] }}
        when finding_kind <> 'starts_in_the_future' then 0
    end as expected_lower,
    case
        when finding_kind = 'energy_per_token_outside_bounds' then {{ j_per_token[1] }}
        when any_value(observation['unit']) = 'gCO2e/kWh' then {{ grid[1] }}
        when any_value(observation['unit']) = '1' and finding_kind <> 'pue_below_one'
            then {{ most_over_tdp("'facility'") }}
    end as expected_upper,
    any_value(observation['unit']) as unit,
    count(*) || ' uses, for example this one'
    || case
        when any_value(observation['unit']) = '1' and finding_kind <> 'pue_below_one'
            then ' (times the rated energy of its hardware)'
        else ''
    end
    || '.' as detail,
    source_id
from judged
group by finding_kind, source_id
