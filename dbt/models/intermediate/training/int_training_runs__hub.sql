-- What model cards declare of their emissions, one row a value, with what their text states beside
-- it.
-- A declaration is kept as it is: what makes it doubtful is said, and nothing is scaled.
{#
    Bounds (2026-11-22). A thousandfold slip is looked for within a factor of 3.2, half of an order of
    magnitude to each side. No grid's electricity is below 5 or above 1,500 gCO2e/kWh.
#}
{% set thousand = [316, 3160] %}
{% set grid = [5, 1500] %}
{% set agreement = 0.05 %}

with

declared as (
    select * from {{ ref('stg_huggingface__declared_emissions') }}
    where emissions_gco2e is not null
    -- The Hub's reading of the front matter first; ours where the Hub had none.
    qualify
        declared_in = 'card_data'
        or count(*) filter (where declared_in = 'card_data') over (partition by huggingface_id) = 0
),

hub_models as (
    select * from {{ ref('stg_huggingface__models') }}
),

statements as (
    select * from {{ ref('int_training_runs__hub_statements') }}
),

mentions as (
    select * from {{ ref('int_training_runs__hub_hardware') }}
),

models as (
    select
        lower(huggingface_id) as hub_key,
        min(model_id) as model_id,
        any_value(model_family) as model_family,
        any_value(parameters_active) as parameters_active
    from {{ ref('dim_models') }}
    where huggingface_id is not null
    group by hub_key
),

hardware as (
    select * from {{ ref('dim_hardware') }}
),

regions as (
    select * from {{ ref('dim_region_intensity') }}
),

places as (
    select geographical_location as place from declared
    where geographical_location is not null
    union
    select region as place from statements
    where region is not null
),

-- "Paris, France" is France; "Oregon, USA" is the sub-zone of the country if there is such a one.
spelt_places as (
    select
        place,
        {{ function('normalize_region') }}(region := place) as whole,
        replace({{ function('normalize_region') }}(region := place), ' ', '') as unspaced,
        {{ function('normalize_region') }}(region := split_part(place, ',', 1)) as first_part,
        {{ function('normalize_region') }}(region := split_part(place, ',', -1)) as last_part
    from places
),

zones as (
    select
        spelt_places.place,
        coalesce(
            by_whole.grid_zone_id,
            by_unspaced.grid_zone_id,
            case
                when starts_with(by_first.grid_zone_id, by_last.grid_zone_id || '-')
                    then by_first.grid_zone_id
            end,
            by_last.grid_zone_id
        ) as grid_zone_id
    from spelt_places
    left join regions as by_whole on spelt_places.whole = by_whole.region_key
    left join regions as by_unspaced on spelt_places.unspaced = by_unspaced.region_key
    left join regions as by_first on spelt_places.first_part = by_first.region_key
    left join regions as by_last on spelt_places.last_part = by_last.region_key
),

intensities as (
    select
        grid_zone_id,
        any_value(carbon_intensity_gco2e_per_kwh) as carbon_intensity_gco2e_per_kwh
    from regions
    group by grid_zone_id
),

copied as (
    select distinct
        declared.huggingface_id,
        declared.value_index
    from declared
    inner join hub_models on declared.huggingface_id = hub_models.huggingface_id
    cross join unnest(string_split(hub_models.base_models, '; ')) as named (base_model)
    inner join declared as base
        on
            lower(named.base_model) = lower(base.huggingface_id)
            and declared.huggingface_id <> base.huggingface_id
            and declared.emissions_gco2e = base.emissions_gco2e
    where declared.emissions_gco2e > 0
),

joined as (
    select
        declared.*,
        hub_models.parameters_total,
        hub_models.parameters_source,
        hub_models.created_at,
        statements.region as region_in_text,
        statements.energy_kwh,
        statements.emissions_gco2e as emissions_in_text_gco2e,
        statements.carbon_intensity_gco2e_per_kwh as intensity_in_text,
        statements.pue_ratio,
        coalesce(declared.hardware_used, statements.hardware) as hardware,
        coalesce(used.hardware_id, stated.hardware_id) as hardware_id,
        coalesce(used.hardware_count, stated.hardware_count) as hardware_count,
        coalesce(used.duration_h, statements.duration_h, stated.duration_h) as duration_h,
        statements.device_hours as stated_device_hours,
        own_zone.grid_zone_id as declared_zone_id,
        text_zone.grid_zone_id as text_zone_id,
        copied.huggingface_id is not null as is_copied
    from declared
    left join hub_models on declared.huggingface_id = hub_models.huggingface_id
    left join statements on declared.huggingface_id = statements.huggingface_id
    left join mentions as used on declared.hardware_used = used.hardware_text
    left join mentions as stated on statements.hardware = stated.hardware_text
    left join zones as own_zone on declared.geographical_location = own_zone.place
    left join zones as text_zone on statements.region = text_zone.place
    left join copied
        on
            declared.huggingface_id = copied.huggingface_id
            and declared.value_index = copied.value_index
),

measured as (
    select
        joined.*,
        hardware.tdp_w,
        coalesce(
            hardware.peak_bf16_flop_per_s,
            hardware.peak_fp16_flop_per_s,
            hardware.peak_tf32_flop_per_s,
            hardware.peak_fp32_flop_per_s
        ) as peak_flop_per_s,
        hardware.embodied_kgco2e,
        coalesce(joined.stated_device_hours, joined.duration_h * joined.hardware_count)
            as device_hours,
        joined.emissions_in_text_gco2e / nullif(joined.emissions_gco2e, 0) as text_ratio,
        joined.emissions_gco2e / nullif(joined.energy_kwh, 0) as implied_gco2e_per_kwh,
        joined.emissions_gco2e / nullif(
            coalesce(joined.stated_device_hours, joined.duration_h * joined.hardware_count)
            * hardware.tdp_w / 1000 * coalesce(
                intensities.carbon_intensity_gco2e_per_kwh, world.carbon_intensity_gco2e_per_kwh
            ),
            0
        ) as hardware_ratio
    from joined
    left join hardware on joined.hardware_id = hardware.hardware_id
    left join intensities
        on coalesce(joined.declared_zone_id, joined.text_zone_id) = intensities.grid_zone_id
    left join intensities as world on world.grid_zone_id = 'WORLD'
),

judged as (
    select
        *,
        text_ratio between {{ thousand[0] }} and {{ thousand[1] }}
        or (
            not implied_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }}
            and implied_gco2e_per_kwh * 1000 between {{ grid[0] }} and {{ grid[1] }}
        )
        or 1 / nullif(hardware_ratio, 0) between {{ thousand[0] }} and {{ thousand[1] }}
            as is_thousandfold_low,
        1 / nullif(text_ratio, 0) between {{ thousand[0] }} and {{ thousand[1] }}
        or (
            not implied_gco2e_per_kwh between {{ grid[0] }} and {{ grid[1] }}
            and implied_gco2e_per_kwh / 1000 between {{ grid[0] }} and {{ grid[1] }}
        )
        or hardware_ratio between {{ thousand[0] }} and {{ thousand[1] }} as is_thousandfold_high,
        abs(text_ratio - 1) > {{ agreement }} as is_other_in_text,
        emissions_gco2e / nullif(earlier_emissions_gco2e, 0) between 990 and 1010
            as is_corrected,
        declared_zone_id <> text_zone_id
        and not starts_with(declared_zone_id, text_zone_id || '-')
        and not starts_with(text_zone_id, declared_zone_id || '-') as is_other_place_in_text
    from measured
),

explained as (
    select
        *,
        list_filter(
            [
                case
                    when is_thousandfold_low
                        then
                            'A thousandth of what its own text or hardware suggests: kilograms '
                            || 'were probably declared as grams.'
                    when is_thousandfold_high
                        then 'A thousand times what its own text or hardware suggests.'
                    when is_other_in_text
                        then
                            'The text of the card states '
                            || format('{:.4g}', emissions_in_text_gco2e / 1000) || ' kgCO2e.'
                end,
                case when is_copied then 'The same figure as that of its base model.' end,
                case
                    when is_other_place_in_text
                        then
                            'The front matter says ' || geographical_location || ', the text '
                            || region_in_text || '.'
                end,
            ],
            lambda reason: reason is not null
        ) as reasons,
        list_filter(
            [
                flags,
                case when is_thousandfold_low then 'thousandfold_low' end,
                case when is_thousandfold_high then 'thousandfold_high' end,
                case when is_other_in_text then 'other_in_text' end,
                case when is_other_place_in_text then 'other_place_in_text' end,
                case when is_copied then 'copied_from_base_model' end,
                case when is_corrected then 'corrected_by_1000' end,
                case when parameters_source = 'name' then 'parameters_from_name' end,
                case when declared_in = 'readme' then 'front_matter_broken' end,
            ],
            lambda flag: flag is not null
        ) as all_flags
    from judged
)

select
    'huggingface:' || explained.huggingface_id
    || case when explained.value_index > 0 then ':' || explained.value_index else '' end
        as training_run_id,
    models.model_id,
    explained.hardware_id,
    coalesce(explained.declared_zone_id, explained.text_zone_id) as grid_zone_id,

    explained.huggingface_id as model_name,
    models.model_family,
    explained.training_type as training_stage,
    'declared' as label_kind,
    case
        when explained.energy_kwh is not null and explained.emissions_source ilike '%codecarbon%'
            then 'it'
    end as boundary,
    explained.hardware,
    coalesce(explained.geographical_location, explained.region_in_text) as region,
    -- The Hub knows no day before the one on which it began to keep them.
    case
        when explained.created_at > timestamp '2022-03-03' then cast(explained.created_at as date)
    end as release_date,

    explained.parameters_total,
    models.parameters_active,
    explained.hardware_count,
    explained.duration_h,
    explained.device_hours,
    explained.pue_ratio,
    explained.tdp_w,
    explained.peak_flop_per_s,
    explained.embodied_kgco2e,

    explained.energy_kwh,
    case when explained.energy_kwh is not null then false end as is_estimated,
    explained.intensity_in_text as reported_carbon_intensity_gco2e_per_kwh,
    explained.emissions_gco2e / 1000 as reported_emissions_kgco2e,
    len(explained.reasons) > 0 as is_suspect_by_source,
    nullif(array_to_string(explained.reasons, ' '), '') as suspect_reason_by_source,

    nullif(array_to_string(explained.all_flags, '; '), '') as label_flags,
    explained.region_in_text,
    explained.emissions_in_text_gco2e / 1000 as emissions_in_text_kgco2e,

    'Model card of ' || explained.huggingface_id || ', Hugging Face Hub' as citation,
    explained.source_id,
    'https://huggingface.co/' || explained.huggingface_id as source_url
from explained
left join models on lower(explained.huggingface_id) = models.hub_key
