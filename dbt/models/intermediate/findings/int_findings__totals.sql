-- Parts that do not add up to their total.
{#
    (2026-11-22) 5 % for a card's table (its rows are rounded to two or three digits), 2 % for the
    fuels of a country (a total of 0.36 TWh with parts of 0.01), 1 % for shares (rounded to 0.1 %),
    0.1 % for what is reckoned here. A boundary within another may be above it by 2 %: two meters.
#}
{% set apart = {'card': 0.05, 'fuels': 0.02, 'shares': 0.01, 'reckoned': 0.001, 'boundary': 0.02} %}
{% set fuels = [
    'coal', 'gas', 'oil', 'nuclear', 'hydro', 'solar', 'wind', 'biomass', 'other_renewable'
] %}

with

statements as (
    select
        *,
        regexp_matches(quoted_span, '(?i)\b(grand |sub)?total\b|\boverall\b|\bsum\b')
            as is_said_to_be_total
    from {{ ref('stg_huggingface__card_statements') }}
    where kind in ('emissions', 'energy', 'device_hours')
),

lines as (
    select distinct on (huggingface_id, kind, quoted_span) *
    from statements
    order by huggingface_id, kind, quoted_span, statement_index
),

cards as (
    select
        huggingface_id,
        kind,
        any_value(stated_unit) as unit,
        max(stated_value) filter (where is_said_to_be_total) as total_value,
        sum(stated_value) filter (where not is_said_to_be_total) as parts_value,
        count(*) filter (where not is_said_to_be_total) as part_count,
        any_value(source_id) as source_id
    from lines
    group by huggingface_id, kind
),

card_totals as (
    select
        'total_not_sum_of_parts' as finding_kind,
        'stg_huggingface__card_statements' as table_name,
        huggingface_id || ' / ' || kind as subject,
        total_value as observed_value,
        parts_value * (1 - {{ apart.card }}) as expected_lower,
        parts_value * (1 + {{ apart.card }}) as expected_upper,
        unit,
        'The card states a total of ' || format('{:.4g}', total_value) || ' ' || unit
        || ', and its ' || part_count || ' parts add up to ' || format('{:.4g}', parts_value)
        || '.' as detail,
        source_id
    from cards
    where part_count >= 2 and abs(parts_value / nullif(total_value, 0) - 1) > {{ apart.card }}
),

runs as (
    select * from {{ ref('fct_training_runs') }}
),

stated_twice as (
    select
        'stated_otherwise_in_text' as finding_kind,
        'fct_training_runs' as table_name,
        training_run_id as subject,
        reported_emissions_kgco2e as observed_value,
        emissions_in_text_kgco2e * 0.95 as expected_lower,
        emissions_in_text_kgco2e * 1.05 as expected_upper,
        'kgCO2e' as unit,
        'The text of the card states ' || format('{:.4g}', emissions_in_text_kgco2e) || ' kgCO2e.'
            as detail,
        source_id
    from runs
    where
        list_contains(string_split(label_flags, '; '), 'other_in_text')
        and not list_has_any(
            string_split(label_flags, '; '), ['thousandfold_low', 'thousandfold_high']
        )
),

-- Rows of one run at several boundaries differ in the last word of their id.
boundaries as (
    select
        regexp_replace(training_run_id, ':(gpu|total|card|accelerator|it|facility)$', '') as run,
        max(energy_kwh) filter (where boundary = 'accelerator') as accelerator_kwh,
        max(energy_kwh) filter (where boundary = 'it') as it_kwh,
        max(energy_kwh) filter (where boundary = 'facility') as facility_kwh,
        any_value(source_id) as source_id
    from runs
    group by run
    having count(*) > 1
),

boundary_order as (
    select
        'boundary_above_wider_one' as finding_kind,
        'fct_training_runs' as table_name,
        run as subject,
        coalesce(it_kwh, accelerator_kwh) as observed_value,
        cast(null as double) as expected_lower,
        coalesce(facility_kwh, it_kwh) as expected_upper,
        'kWh' as unit,
        'The energy within a boundary is above that of the wider one.' as detail,
        source_id
    from boundaries
    where
        accelerator_kwh > it_kwh * (1 + {{ apart.boundary }})
        or it_kwh > facility_kwh * (1 + {{ apart.boundary }})
        or accelerator_kwh > facility_kwh * (1 + {{ apart.boundary }})
),

mixes as (
    select
        *,
        {% for fuel in fuels -%}
            coalesce(generation_{{ fuel }}_twh, 0){{ " + " if not loop.last }}
        {%- endfor %} as fuels_twh
    from {{ ref('stg_codecarbon__country_mixes') }}
),

country_totals as (
    select
        'total_not_sum_of_parts' as finding_kind,
        'stg_codecarbon__country_mixes' as table_name,
        coalesce(grid_zone_id, iso3) || ' / ' || year as subject,
        generation_total_twh as observed_value,
        fuels_twh * (1 - {{ apart.fuels }}) as expected_lower,
        fuels_twh * (1 + {{ apart.fuels }}) as expected_upper,
        'TWh' as unit,
        'The generation of the country is not the sum of its fuels.' as detail,
        source_id
    from mixes
    where abs(fuels_twh / nullif(generation_total_twh, 0) - 1) > {{ apart.fuels }}
),

shares as (
    select
        grid_zone_id,
        area_name,
        year,
        sum(generation_share) as share_sum,
        any_value(source_id) as source_id
    from {{ ref('stg_codecarbon__regional_fuel_shares') }}
    group by grid_zone_id, area_name, year
),

share_totals as (
    select
        'shares_not_one' as finding_kind,
        'stg_codecarbon__regional_fuel_shares' as table_name,
        coalesce(grid_zone_id, area_name) || ' / ' || year as subject,
        share_sum as observed_value,
        1 - {{ apart.shares }} as expected_lower,
        1 + {{ apart.shares }} as expected_upper,
        '1' as unit,
        'The shares of the fuels do not add up to one.' as detail,
        source_id
    from shares
    where abs(share_sum - 1) > {{ apart.shares }}
),

found as (
    select * from card_totals
    union all by name
    select * from stated_twice
    union all by name
    select * from boundary_order
    union all by name
    select * from country_totals
    union all by name
    select * from share_totals
)

select
    *,
    1 as finding_count
from found
