-- Energy and power of training runs against their hardware and hours. One finding a run at most:
-- the most telling explanation comes first.
{#
    (2026-11-22) Each bound with its reason.
    - joule: 1 kWh = 3.6e6 J. Wrong by that factor, the ratio to the rated energy lies between 3.6e6 x
      2 % (an idle card) and 3.6e6 x the most that its boundary can draw.
    - watt hours: the same with 1,000; above 5 % of the TDP, so that no real excess looks like it.
    - exact: an estimate of one device is the rated energy to rounding: 2 %.
    - count: cards idle at 8 to 15 % of their TDP (A100 about 55 of 400 W, H100 70 of 700 W). Four or
      more at less than 10 % together, where one alone would be at 20 to 120 %, were counted as one.
    - idle: no card runs below 4 % of its TDP for a training; logs show 6 % at the least.
    - variant: the figure fits another variant within 1 %, and not its own within 5 %.
    - label: a counter never gives the TDP to a thousandth.
    - agreement: power times hours and energy, 10 % apart.
#}
{% set joule = 3600000 %}
{% set exact = 0.02 %}
{% set least_busy = 0.2 %}
{% set together_idle = 0.1 %}
{% set idle = 0.04 %}
{% set above = {'info': 1.1, 'warning': 1.2} %}
{% set variant = {'fits': 0.01, 'not_own': 0.05} %}
{% set label = 0.001 %}
{% set agreement = 0.1 %}

with

runs as (
    select * from {{ ref('int_findings__run_figures') }}
),

-- A variant whose rating gives the energy or the power, where its own does not.
fitted as (
    select
        *,
        list_filter(
            variants,
            lambda other: (
                other['tdp_w'] is not null
                and abs(other['tdp_w'] / tdp_w - 1) > {{ variant.not_own }}
                and abs(energy_kwh / rated_kwh / overhead_ratio * tdp_w / other['tdp_w'] - 1)
                < {{ variant.fits }}
            )
        )[1]['hardware_name'] as variant_that_fits,
        list_filter(
            variants,
            lambda other: (
                other['tdp_w'] > tdp_w
                and other['tdp_w'] * {{ above.warning }}
                >= greatest(coalesce(rated_ratio / overhead_ratio, 0), coalesce(power_ratio, 0))
                * tdp_w
            )
        )[1]['hardware_name'] as variant_that_bears,
        energy_kwh / nullif(
            average_power_w * counted_device_hours / 1000, 0
        ) as energy_over_power_ratio,
        case when boundary = 'accelerator' then {{ above.warning }} else max_over_tdp end
            as most_power_ratio
    from runs
),

judged as (
    select
        *,
        case
            when is_count_left_out then 'gpu_count_ignored'
            when energy_kwh < 0 then 'negative_energy'
            when energy_kwh = 0 then 'zero_energy'
            when rated_ratio between {{ joule }} * 0.02 and {{ joule }} * max_over_tdp
                then 'energy_in_joules'
            when rated_ratio between 1000 * 0.05 and 1000 * max_over_tdp
                then 'energy_in_watt_hours'
            when
                hardware_count > 1
                and abs(rated_ratio / overhead_ratio * hardware_count - 1) < {{ exact }}
                then 'gpu_count_ignored'
            when
                hardware_count > 1
                and (
                    abs(energy_over_power_ratio * hardware_count - 1) < {{ exact }}
                    or abs(energy_over_power_ratio * hardware_count / pue_ratio - 1) < {{ exact }}
                )
                then 'gpu_count_ignored'
            when
                hardware_count >= 4 and rated_ratio < {{ together_idle }}
                and rated_ratio * hardware_count between {{ least_busy }} and {{ above.warning }}
                then 'gpu_count_ignored'
            when rated_ratio between 0.05 / 1000 and max_over_tdp / 1000
                then 'energy_in_megawatt_hours'
            when
                variant_that_fits is not null
                and not coalesce(is_truth, false)
                and abs(rated_ratio / overhead_ratio - 1) > {{ variant.not_own }}
                then 'swapped_variant'
            when
                boundary = 'accelerator' and rated_ratio > {{ above.warning }}
                and variant_that_bears is not null
                then 'swapped_variant'
            when
                rated_ratio > max_over_tdp
                or (boundary = 'accelerator' and rated_ratio > {{ above.info }})
                then 'power_above_tdp'
            when power_ratio > most_power_ratio and variant_that_bears is not null
                then 'swapped_variant'
            when power_ratio > most_power_ratio then 'power_above_tdp'
            when rated_ratio < {{ idle }} then 'power_below_idle'
            when
                is_truth
                and (
                    abs(rated_ratio - 1) < {{ label }}
                    or abs(rated_ratio / pue_ratio - 1) < {{ label }}
                )
                then 'label_kind_mislabelled'
            when
                abs(energy_over_power_ratio - 1) > {{ agreement }}
                and abs(energy_over_power_ratio / coalesce(pue_ratio, 1) - 1) > {{ agreement }}
                then 'contradictory_power'
        end as finding_kind
    from fitted
)

select
    finding_kind,
    case
        when finding_kind = 'power_above_tdp'
            then
                case
                    when greatest(coalesce(rated_ratio, 0), coalesce(power_ratio, 0)) > max_over_tdp
                        then 'error'
                    when
                        greatest(coalesce(rated_ratio, 0), coalesce(power_ratio, 0))
                        > {{ above.warning }}
                        then 'warning'
                    else 'info'
                end
    end as severity,
    'fct_training_runs' as table_name,
    training_run_id as subject,
    1 as finding_count,
    case
        when is_count_left_out then device_hours
        when rated_ratio is null then coalesce(average_power_w, energy_kwh)
        else energy_kwh
    end as observed_value,
    case
        when is_count_left_out then counted_device_hours
        when finding_kind in ('negative_energy', 'zero_energy') then 0
        when rated_ratio is null then 0
        when finding_kind = 'contradictory_power'
            then average_power_w * counted_device_hours / 1000
        else rated_kwh * {{ idle }}
    end as expected_lower,
    case
        when is_count_left_out then counted_device_hours
        when finding_kind in ('negative_energy', 'zero_energy') then null
        when rated_ratio is null then tdp_w * most_power_ratio
        when finding_kind = 'contradictory_power'
            then average_power_w * counted_device_hours / 1000 * coalesce(pue_ratio, 1)
        when boundary = 'accelerator' then rated_kwh * {{ above.info }}
        else rated_kwh * max_over_tdp
    end as expected_upper,
    case
        when is_count_left_out then 'h'
        when rated_ratio is null and average_power_w is not null then 'W'
        else 'kWh'
    end as unit,
    case finding_kind
        when 'gpu_count_ignored'
            then
                case
                    when is_count_left_out
                        then
                            'The hours of the devices are those of the run, though there are '
                            || format('{:.6g}', hardware_count) || '.'
                    else
                        'The energy is that of one device, though there are '
                        || format('{:.6g}', hardware_count) || '.'
                end
        when 'negative_energy' then 'Energy below zero.'
        when 'zero_energy' then 'A run that used no energy.'
        when 'energy_in_joules'
            then
                format('{:.3g}', rated_ratio)
                || ' times the rated energy of its hardware: joules, not kilowatt-hours.'
        when 'energy_in_watt_hours'
            then
                format('{:.3g}', rated_ratio)
                || ' times the rated energy of its hardware: watt-hours, not kilowatt-hours.'
        when 'energy_in_megawatt_hours'
            then
                format('{:.3g}', rated_ratio)
                || ' of the rated energy of its hardware: megawatt-hours, not kilowatt-hours.'
        when 'swapped_variant'
            then
                'The name says ' || hardware_name || ', the figures fit '
                || coalesce(variant_that_fits, variant_that_bears) || '.'
        when 'power_above_tdp'
            then
                format('{:.3g}', coalesce(rated_ratio, power_ratio))
                || ' times the rated power of its hardware: the count, the card or the hours are '
                || 'others.'
        when 'power_below_idle'
            then
                format('{:.3g}', rated_ratio)
                || ' of the rated power of its hardware, less than an idle card draws.'
        when 'label_kind_mislabelled'
            then
                'Labelled ' || label_kind
                || ', and exactly hours times rated power: it was computed.'
        when 'contradictory_power' then 'Power times hours is not the energy (10 % apart).'
    end as detail,
    source_id
from judged
where finding_kind is not null
