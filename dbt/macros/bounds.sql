{# Bounds that several rules stand on; docs/data_quality.md gives their reasons. #}

{# The most that hardware can draw within a boundary, as a multiple of its TDP: TDP is no measurement,
   and a facility has hosts and cooling beside its accelerators (2026-11-22). #}
{% macro most_over_tdp(boundary) -%}
    case {{ boundary }} when 'accelerator' then 1.5 when 'it' then 3 else 4 end
{%- endmacro %}

{# [lowest, highest]: no grid emits less than hydropower and nuclear alone, or more than lignite, over a
   year. #}
{% macro plausible_grid_gco2e_per_kwh() %}{{ return([5, 1300]) }}{% endmacro %}
