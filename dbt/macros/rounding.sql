{# To twelve digits: the last ones of a floating-point sum depend on the order of its rows, and a table
   that was built in steps is to be the table that one build makes. #}
{% macro to_twelve_digits(number) -%}
    case
        when ({{ number }}) = 0 then 0
        else round({{ number }}, 11 - cast(floor(log10(abs({{ number }}))) as integer))
    end
{%- endmacro %}
