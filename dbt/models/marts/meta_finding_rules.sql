-- Every rule of the data's audit: what it finds, from which threshold on, why, and how grave it is.
-- error: the figure cannot be true as it stands; warning: look before use; info: to know. A finding
-- of power_above_tdp has its own severity. docs/data_quality.md says the same with examples.
with

rules (
    finding_kind, family, severity, is_doubt_of_figures, meaning, threshold, reason
) as (
    values
    (
        'energy_in_joules', 'energy, uses', 'error', true,
        'The energy is joules written as kilowatt-hours.',
        'Energy over hours × TDP between 72,000 and 3.6 million × the most that the '
        || 'boundary can draw.',
        '1 kWh is 3.6 million joules; an idle card draws at least 2 % of its TDP.'
    ),
    (
        'energy_in_watt_hours', 'energy, uses', 'error', true,
        'The energy is watt-hours written as kilowatt-hours.',
        'Energy over hours × TDP between 50 and 1,000 × the most that the boundary can draw.',
        'Above 5 % of 1,000 times the TDP; no real excess comes near.'
    ),
    (
        'energy_in_megawatt_hours', 'energy', 'error', true,
        'The energy is megawatt-hours written as kilowatt-hours.',
        'Energy over hours × TDP between 0.00005 and a thousandth of the most that the '
        || 'boundary can draw.',
        'The same slip the other way.'
    ),
    (
        'gpu_count_ignored', 'energy, emissions, uses', 'warning', true,
        'The figure is that of one device, though there are several.',
        'Device-hours equal to hours (0.5 %); energy or power × hours of one device (2 %); '
        || 'emissions of one (3 %); or four devices and more below 10 % of their TDP together, '
        || 'at 20 to 120 % as one.',
        'An estimate of one device is 1/n to rounding. Cards idle at 8 to 15 % of their '
        || 'TDP, so less than 10 % together is less than idle.'
    ),
    (
        'power_above_tdp', 'energy, uses', 'warning', true,
        'More power than the hardware is rated for: the count, the card or the hours are '
        || 'others.',
        'Accelerators: 1.1 × TDP (info), 1.2 × (warning), 1.5 × (error); a server 3 ×, a '
        || 'building 4 × the TDP of its accelerators (error). A stated mean power alike.',
        'Cards hold their limit over hours; public logs go to 1.42, the upper end by wrong '
        || 'counts. A DGX H100 draws up to 1.8 × the TDP of its cards, a small card in a big '
        || 'host more.'
    ),
    (
        'power_below_idle', 'energy', 'warning', true,
        'Less power than an idle card draws.',
        'Below 4 % of hours × TDP.',
        'Idle cards draw 8 to 15 %; logs of real runs show 6 % at the least.'
    ),
    (
        'swapped_variant', 'energy, hardware', 'warning', true,
        'The name says one variant of a card (PCIe, SXM, NVL; 40, 80 GB), the figures fit '
        || 'another.',
        'Energy fits another variant''s TDP within 1 % and not its own within 5 %; or '
        || 'power that only another bears; or a form factor or memory in the name that the '
        || 'device taken for it does not have; or the power or memory of another source 5 % '
        || 'from another variant''s.',
        'Variants of one card differ by 1.2 to 2 in TDP, by 2 in memory.'
    ),
    (
        'label_kind_mislabelled', 'energy', 'warning', false,
        'A label of a measurement on a figure that was computed from the rated power.',
        'A counter, meter or vendor''s figure within 0.1 % of hours × TDP (with PUE or '
        || 'without).',
        'No measurement gives the TDP to a thousandth.'
    ),
    (
        'contradictory_power', 'energy, hardware', 'warning', true,
        'Power and energy of one row do not agree.',
        'Runs: mean power × device-hours against energy, 10 % apart (with PUE or without); '
        || 'benchmarks: power over throughput against energy of a unit, 1 % apart.',
        'The hours and means of runs are rounded; a benchmark computes one from the other.'
    ),
    (
        'negative_energy', 'energy, ranges, uses', 'error', true,
        'Energy below zero (of a benchmark: not above zero).',
        'Below 0.',
        'A machine that computes gives nothing back.'
    ),
    (
        'zero_energy', 'energy, uses', 'warning', true,
        'A run that used no energy.',
        'Exactly 0.',
        'Empty cells are often read as nought.'
    ),
    (
        'emissions_thousandfold_low', 'emissions, uses', 'error', true,
        'Emissions a thousandth of what energy (or hardware and hours) and the grid give.',
        'A factor of 316 to 3,160; without a known grid, outside 5 to 1,300 g/kWh and '
        || 'inside × 1,000.',
        'Half an order of magnitude to each side of 1,000: a slip of g, kg and t, and '
        || 'nothing else is so far off.'
    ),
    (
        'emissions_thousandfold_high', 'emissions, uses', 'error', true,
        'Emissions a thousand times what energy (or hardware and hours) and the grid give.',
        'A factor of 316 to 3,160; without a known grid, outside 5 to 1,300 g/kWh and '
        || 'inside ÷ 1,000.',
        'As above, the other way.'
    ),
    (
        'emissions_millionfold', 'emissions', 'error', true,
        'Emissions a million times apart: grams and tonnes.',
        'A factor of 316,000 to 3.16 million either way.',
        'As above, between grams and tonnes.'
    ),
    (
        'emissions_impossible', 'emissions, uses', 'error', true,
        'Emissions that no grid gives for the energy, or for the hours of the hardware.',
        'Below 5 or above 1,300 g/kWh (× PUE, or 2) of the energy; without energy, below 4 '
        || '% or above 4 × of what hours × TDP give at these.',
        'No grid is outside of 5 to 1,300 g/kWh over its life.'
    ),
    (
        'emissions_contradictory', 'emissions', 'warning', true,
        'Energy × stated intensity is not the emissions.',
        '10 % apart, with PUE or without.',
        'Printed figures have two or three digits.'
    ),
    (
        'negative_emissions', 'emissions', 'error', true,
        'Emissions below zero.',
        'Below 0.',
        'An offset is no emission of the run.'
    ),
    (
        'zero_emissions', 'emissions', 'warning', false,
        'Energy was used, and nothing emitted.',
        'Exactly 0 beside an energy above 0 (and no stated intensity of 0, which is a '
        || 'finding of its own).',
        'A market-based figure, or an empty cell.'
    ),
    (
        'tdp_disagrees', 'hardware', 'warning', false,
        'Two sources give one device another rated power.',
        '12 % apart.',
        'Makers round and re-rate by up to a tenth.'
    ),
    (
        'memory_disagrees', 'hardware', 'info', false,
        'Two sources give one device another memory.',
        '10 % apart.',
        '1000 or 1024 megabytes are 7 % apart.'
    ),
    (
        'tdp_outside_class', 'hardware', 'error', false,
        'A rated power far from the class of the device.',
        'CPU 0.5 to 600 W, GPU 5 to 2,000 W, TPU 20 to 1,500 W, accelerator 1 to 30,000 W; '
        || 'and 2.5 × the median of the variants of the card.',
        'Nothing outside is sold or announced (2026-11); variants differ by 2 at the most '
        || '(H100: 350 and 700 W).'
    ),
    (
        'implausible_power', 'hardware', 'warning', true,
        'A benchmark''s power is above that of its accelerators.',
        '1.1 × TDP.',
        'Measured in steady state by the card''s own counter.'
    ),
    (
        'unknown_tdp', 'hardware', 'info', false,
        'The rated power of a device is not known.',
        'Null.',
        'Methods that need it say nothing.'
    ),
    (
        'intensity_outside_bounds', 'intensity, uses', 'warning', false,
        'A carbon intensity that no electricity has.',
        '5 to 1,300 g/kWh; no lower bound for direct, market-based and marginal figures.',
        'Wind is about 11, hydropower 24, lignite up to about 1,300 over their life; at the '
        || 'stack nought is right.'
    ),
    (
        'total_not_sum_of_parts', 'totals', 'warning', false,
        'A total that is not the sum of its parts.',
        'A card''s table 5 %, a country''s fuels 2 %.',
        'Cards print two or three digits, countries 0.01 TWh.'
    ),
    (
        'shares_not_one', 'totals', 'warning', false,
        'Shares that do not add up to one.',
        '1 %.',
        'They are rounded to 0.1 %.'
    ),
    (
        'stated_otherwise_in_text', 'totals', 'warning', true,
        'The text of a card states another figure than its front matter.',
        '5 % apart.',
        'Two figures for one run.'
    ),
    (
        'boundary_above_wider_one', 'totals', 'error', false,
        'The energy within a boundary is above that of the wider one.',
        '2 %.',
        'Accelerators are part of the server, the server of the building; two meters may '
        || 'differ by 2 %.'
    ),
    (
        'cumulative_rows', 'repeats', 'warning', false,
        'Rows that count on since one start: adding them counts the energy several times.',
        'Two rows and more with one start (to the second), model and hardware; time and '
        || 'energy never fall; mean power within a factor of 2.',
        'Trackers write the energy since the start at each flush: 93 % of repeated run ids '
        || 'in public logs.'
    ),
    (
        'total_among_parts', 'repeats', 'warning', false,
        'A row that is the sum of the others of its model.',
        '0.1 %, of three parts or more.',
        'Two may be equal by chance.'
    ),
    (
        'duplicate_run', 'repeats', 'warning', false,
        'One run under two ids.',
        'One model, and all figures that both state equal: emissions in two sources, or '
        || 'energy with the start, or energy of five digits with hours and hardware.',
        'Figures of so many digits are not equal by chance.'
    ),
    (
        'copied_from_base_model', 'repeats', 'warning', false,
        'The emissions are those of the base model.',
        'Equal to the gram.',
        'A card that was copied.'
    ),
    (
        'month_of_four_weeks', 'periods', 'warning', false,
        'Months reckoned as four weeks.',
        'Device-hours over devices × hours at 672 ÷ 720, 730 or 744 (0.3 %) with one side a '
        || 'multiple of 672 h; rows of one work that begin with successive months and have 672 '
        || 'h; a year of 8,064 h; a card that says months and has 672 h for each.',
        'A month is four weeks only in February. 672 h alone are no fault: a run can take '
        || '28 days.'
    ),
    (
        'contradictory_hours', 'periods', 'warning', false,
        'Devices × hours are not the device-hours.',
        '5 % apart.',
        'Restarts and rounded days.'
    ),
    (
        'negative_hours', 'periods', 'error', false,
        'Hours or a number of devices that are not above zero.',
        '0 and below.',
        'Nothing runs in no time.'
    ),
    (
        'contracts_over_whole', 'contracts', 'warning', false,
        'Contracts of one place and project cover more than all of its use.',
        'Shares that hold on one day add up to more than 1.',
        'Nobody buys more than all; a contract may be entered twice, or a share as of another '
        || 'base.'
    ),
    (
        'starts_in_the_future', 'periods, uses', 'error', false,
        'A run that begins after the clock of the newest run.',
        'One day.',
        'Zones that were not told are within a day.'
    ),
    (
        'pue_below_one', 'ranges, uses', 'error', false,
        'A PUE below one.',
        '1.',
        'Facility over IT energy (ISO/IEC 30134-2) cannot be less.'
    ),
    (
        'pue_above_three', 'ranges', 'warning', false,
        'A PUE above three.',
        '3.',
        'The mean of surveyed data centres is about 1.6.'
    ),
    (
        'utilization_outside_bounds', 'ranges', 'error', false,
        'A utilisation above one or below zero.',
        '0 to 1.',
        'A share; above ten a percentage.'
    ),
    (
        'compute_above_peak', 'ranges', 'error', true,
        'More computation than the hardware can do in the stated hours.',
        '1 × peak FLOP/s × device-hours.',
        'The peak is a limit.'
    ),
    (
        'place_contradicted', 'places', 'warning', true,
        'A place that resolves to one country while its words, or another list, name another.',
        'Names of countries, letter for letter.',
        'A state that shares its name with a country (Georgia) is the state.'
    ),
    (
        'mixed_units', 'units', 'error', false,
        'A column in which one source writes another unit.',
        'Medians 500 to 2,000 times apart, three rows each.',
        'No two sources of one of these quantities differ so in truth.'
    ),
    (
        'energy_per_token_outside_bounds', 'uses', 'warning', false,
        'Energy of an output token far from all that was measured.',
        '0.0001 to 1,000 J, where no hours of hardware are stated.',
        'Measured text generation needs 0.01 to 40 J for a token; room for other hardware '
        || 'to both sides.'
    ),
    (
        'suspect_training_run', 'suspects', 'warning', false,
        'The source, or the hand that cited it, calls a run doubtful.',
        'Said in words.',
        'Read by a person; a rule that says the same takes its place.'
    ),
    (
        'grid_zero_total', 'grid', 'info', false,
        'Nothing was generated in the whole zone; the hours are not used.',
        '0 MWh.',
        'A gap written as nought.'
    ),
    (
        'grid_incomplete_hour', 'grid', 'info', false,
        'Parts of an hour are missing; not used.',
        'Fewer minutes than 60.',
        'A part is no mean of the hour.'
    ),
    (
        'grid_negative_generation', 'grid', 'info', false,
        'A fuel draws more than a plant''s own use; not used.',
        '2 % of the zone''s generation.',
        'Own use is below.'
    ),
    (
        'grid_missing_fuel', 'grid', 'info', false,
        'A fuel that matters in that month is missing; not used.',
        '1 % of the month''s generation.',
        'The mix would be of other fuels.'
    ),
    (
        'grid_implausible_fuel', 'grid', 'info', false,
        'A fuel far above anything else in its year; not used.',
        'See dbt/macros/hourly_mix.sql.',
        'A slip of digits.'
    ),
    (
        'grid_implausible_total', 'grid', 'info', false,
        'A total far from its month; not used.',
        'Below a tenth or above five times the month''s median.',
        'No zone moves so.'
    ),
    (
        'grid_sudden_drop', 'grid', 'info', false,
        'A total below half of both neighbours; not used.',
        'Half.',
        'A part of the zone is missing.'
    ),
    (
        'grid_sudden_spike', 'grid', 'info', false,
        'A total above twice both neighbours; not used.',
        'Twice.',
        'A part is counted twice.'
    ),
    (
        'grid_unknown_emission_factor', 'grid', 'warning', false,
        'A fuel ran that has no emission factor; not used.',
        'No factor.',
        'Nothing is guessed.'
    ),
    (
        'grid_implausible_intensity', 'grid', 'warning', false,
        'An intensity below zero or above 2,000 g/kWh; not used.',
        '0 to 2,000.',
        'More than any fuel emits.'
    ),
    (
        'unresolved_zone', 'grid', 'warning', false,
        'A provider''s zone that grid_zone_keys does not have; its rows are not used.',
        'No key.',
        'It needs a line in a seed.'
    ),
    (
        'unresolved_production_type', 'grid', 'warning', false,
        'A production type that production_type_fuels does not have; its hours are not used.',
        'No key.',
        'It needs a line in a seed.'
    ),
    (
        'unresolved_hardware', 'names', 'warning', false,
        'A device that is named and that dim_hardware does not have.',
        'No alias.',
        'Its power is then not known.'
    ),
    (
        'unresolved_model', 'names', 'info', false,
        'A model that dim_models does not have.',
        'No alias.',
        'Its parameters are then not known.'
    ),
    (
        'unresolved_region', 'names', 'warning', false,
        'A place that dim_region_intensity does not have.',
        'No key.',
        'Its intensity is then not known.'
    ),
    (
        'quarantined', 'quarantine', 'warning', false,
        'Rows that could not be read.',
        'By the declaration of the column.',
        'See meta_quarantine for each.'
    ),
    (
        'hub_no_value', 'hub', 'info', false,
        'A declaration on the Hub without a figure.',
        'Null.',
        'Kept, and no training run.'
    ),
    (
        'hub_card_not_read', 'hub', 'info', false,
        'Cards of listed models that wait to be read.',
        'Not yet read, or changed.',
        'A number is read at each run.'
    ),
    (
        'hub_card_missing', 'hub', 'info', false,
        'Cards that were asked for and are not there.',
        'HTTP 404.',
        'Told by the Hub.'
    ),
    (
        'hub_card_refused', 'hub', 'info', false,
        'Cards that were asked for and refused.',
        'HTTP 401 or 403.',
        'Gated models.'
    ),
    (
        'hub_front_matter_broken', 'hub', 'info', false,
        'Front matter that the Hub cannot read.',
        'No YAML.',
        'What it declares was read from the card.'
    ),
    (
        'hub_front_matter_late', 'hub', 'info', false,
        'Front matter that is not at the head of its card.',
        'Not on the first line.',
        'What it declares was read from the card.'
    ),
    (
        'hub_other_unit', 'hub', 'info', false,
        'Declared in another unit than grams, which the text names.',
        'A unit in words.',
        'Converted.'
    ),
    (
        'hub_grouped_digits', 'hub', 'info', false,
        'A comma was read as one between thousands.',
        '1,234.',
        'Three digits follow.'
    ),
    (
        'hub_approximate', 'hub', 'info', false,
        'The author says that it is approximate.',
        'About, ~.',
        'Said in words.'
    ),
    (
        'hub_zero', 'hub', 'info', false,
        'Declared as zero.',
        'Exactly 0.',
        'No training emits nothing.'
    ),
    (
        'hub_autotrain', 'hub', 'info', false,
        'Written by AutoTrain itself, for training only.',
        'Its source.',
        'No person declared it.'
    ),
    (
        'hub_corrected_by_1000', 'hub', 'info', false,
        'Corrected by its author from kilograms to grams.',
        '990 to 1,010 times an earlier version.',
        'Versions are kept.'
    ),
    (
        'hub_parameters_from_name', 'hub', 'info', false,
        'Parameters guessed from the name.',
        'No other source.',
        '1B1 is 1.1 billion.'
    )
)

select
    finding_kind,
    family,
    severity,
    is_doubt_of_figures,
    meaning,
    threshold,
    reason
from rules
