{# Words of a card's name that say which variant it is, and the memory in gigabytes. #}
{% macro form_factor(text) -%}
    case
        when regexp_matches({{ text }}, 'sxm') then 'sxm'
        when regexp_matches({{ text }}, 'pci-?e|pcle') then 'pcie'
        when regexp_matches({{ text }}, 'nvl') then 'nvl'
        when regexp_matches({{ text }}, 'oam') then 'oam'
    end
{%- endmacro %}

{% macro stated_memory_gb(text) -%}
    try_cast(nullif(regexp_extract({{ text }}, '(?:^|[^0-9.])(\d{1,3}) ?gi?b', 1), '') as double)
{%- endmacro %}
