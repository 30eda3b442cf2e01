-- Emissions of training runs against their energy (or hardware and hours) and the grid. One finding
-- a run at most. What the Hub's own rules found (label_flags) is taken over, not found again.
{#
    (2026-11-22)
    - thousand: a slip between grams, kilograms and tonnes is looked for within a factor of 3.2, half
      of an order of magnitude to each side, as for the Hub's declarations.
    - grid: no grid's electricity emits less than 5 or more than 1,300 g/kWh over its life (the highest
      yearly figure that sources give is about 1,306, for a country whose plants burn gas alone).
    - agreement: energy x stated intensity, with the overhead or without it, 10 % apart.
    - exact: an estimate of one device is 1/n to rounding: 3 %.
#}
{% set thousand = [316, 3160] %}
{% set agreement = 0.1 %}
{% set exact = 0.03 %}
{% set grid = plausible_grid_gco2e_per_kwh() %}

with

runs as (
    select * from {{ ref('int_findings__run_figures') }}
    where reported_emissions_kgco2e is not null
),

-- Energy that is itself at fault says nothing of the emissions.
faulty_energy as (
    select subject as training_run_id from {{ ref('int_findings__energy') }}
    where finding_kind <> 'label_kind_mislabelled'
),

sound as (
    select
        runs.* replace (
            case when faulty_energy.training_run_id is null then runs.energy_kwh end as energy_kwh
        ),
        faulty_energy.training_run_id is not null as is_energy_faulty
    from runs
    left join faulty_energy on runs.training_run_id = faulty_energy.training_run_id
),

expected as (
    select
        *,
        coalesce(energy_kwh, rated_kwh) as basis_kwh,
        reported_emissions_kgco2e * 1000 / nullif(coalesce(energy_kwh, rated_kwh), 0)
            as implied_gco2e_per_kwh,
        coalesce(stated_gco2e_per_kwh, zone_gco2e_per_kwh) as expected_gco2e_per_kwh,
        -- The basis is a rating where no energy is known: the device may draw less, the site more.
        case when energy_kwh is null then 0.04 else 1 end as least_use,
        case when energy_kwh is null then 4 else coalesce(pue_ratio, 2) end as most_use
    from sound
),

compared as (
    select
        *,
        implied_gco2e_per_kwh / nullif(expected_gco2e_per_kwh, 0) as expected_ratio,
        {{ grid[0] }} * least_use as least_gco2e_per_kwh,
        {{ grid[1] }} * most_use as most_gco2e_per_kwh,
        ';' || replace(coalesce(label_flags, ''), ' ', '') || ';' as flags
    from expected
),

judged as (
    select
        *,
        case
            when reported_emissions_kgco2e < 0 then 'negative_emissions'
            when contains(flags, ';thousandfold_low;') then 'emissions_thousandfold_low'
            when contains(flags, ';thousandfold_high;') then 'emissions_thousandfold_high'
            when reported_emissions_kgco2e = 0
                then
                    case
                        when
                            energy_kwh > 0 and source_id <> 'huggingface'
                            and coalesce(reported_carbon_intensity_gco2e_per_kwh, 1) > 0
                            then 'zero_emissions'
                    end
            when 1 / expected_ratio between {{ thousand[0] }} and {{ thousand[1] }}
                then 'emissions_thousandfold_low'
            when expected_ratio between {{ thousand[0] }} and {{ thousand[1] }}
                then 'emissions_thousandfold_high'
            when
                greatest(expected_ratio, 1 / expected_ratio)
                between {{ thousand[0] }} * 1000 and {{ thousand[1] }} * 1000
                then 'emissions_millionfold'
            when
                hardware_count > 1 and not is_energy_faulty and stated_gco2e_per_kwh is not null
                and (
                    abs(expected_ratio * hardware_count - 1) < {{ exact }}
                    or abs(expected_ratio * hardware_count / pue_ratio - 1) < {{ exact }}
                )
                then 'gpu_count_ignored'
            when
                hardware_count >= 4 and energy_kwh is null and expected_ratio < 0.1
                and expected_ratio * hardware_count between 0.3 and 1.2
                and not is_energy_faulty
                then 'gpu_count_ignored'
            -- Whatever the intensity, if that itself is not what is wrong.
            when
                not implied_gco2e_per_kwh between least_gco2e_per_kwh and most_gco2e_per_kwh
                and (
                    reported_carbon_intensity_gco2e_per_kwh is null
                    or stated_gco2e_per_kwh is not null
                )
                then
                    case
                        when
                            expected_gco2e_per_kwh is null and energy_kwh is not null
                            and implied_gco2e_per_kwh * 1000 between {{ grid[0] }} and {{ grid[1] }}
                            then 'emissions_thousandfold_low'
                        when
                            expected_gco2e_per_kwh is null and energy_kwh is not null
                            and implied_gco2e_per_kwh / 1000 between {{ grid[0] }} and {{ grid[1] }}
                            then 'emissions_thousandfold_high'
                        when
                            expected_gco2e_per_kwh is null and energy_kwh is not null
                            and (
                                implied_gco2e_per_kwh * 1e6 between {{ grid[0] }} and {{ grid[1] }}
                                or implied_gco2e_per_kwh / 1e6
                                between {{ grid[0] }} and {{ grid[1] }}
                            )
                            then 'emissions_millionfold'
                        else 'emissions_impossible'
                    end
            when
                stated_gco2e_per_kwh is not null and energy_kwh is not null
                and not expected_ratio between 1 - {{ agreement }}
                and coalesce(case when boundary is distinct from 'facility' then pue_ratio end, 1)
                * (1 + {{ agreement }})
                then 'emissions_contradictory'
        end as finding_kind
    from compared
)

select
    finding_kind,
    'fct_training_runs' as table_name,
    training_run_id as subject,
    1 as finding_count,
    reported_emissions_kgco2e as observed_value,
    basis_kwh * coalesce(expected_gco2e_per_kwh * least_use, least_gco2e_per_kwh) / 1000
        as expected_lower,
    basis_kwh * coalesce(
        expected_gco2e_per_kwh
        * case when energy_kwh is null then most_use else coalesce(pue_ratio, 1) end,
        most_gco2e_per_kwh
    ) / 1000 as expected_upper,
    'kgCO2e' as unit,
    case finding_kind
        when 'negative_emissions' then 'Emissions below zero.'
        when 'zero_emissions' then 'Energy was used, and nothing emitted.'
        when 'emissions_thousandfold_low'
            then
                'A thousandth of what energy or hardware and the grid give: grams and kilograms, '
                || 'or kilograms and tonnes.'
        when 'emissions_thousandfold_high'
            then
                'A thousand times what energy or hardware and the grid give: grams and kilograms, '
                || 'or kilograms and tonnes.'
        when 'emissions_millionfold'
            then 'A million times apart from what energy and the grid give: grams and tonnes.'
        when 'gpu_count_ignored'
            then
                'The emissions are those of one device, though there are '
                || format('{:.6g}', hardware_count) || '.'
        when 'emissions_impossible'
            then
                format('{:.3g}', implied_gco2e_per_kwh)
                || ' gCO2e for each kWh'
                || case when energy_kwh is null then ' that its hardware is rated for' else '' end
                || ', which no grid gives.'
        when 'emissions_contradictory'
            then 'Energy times the stated intensity is not the emissions (10 % apart).'
    end as detail,
    source_id
from judged
where finding_kind is not null
