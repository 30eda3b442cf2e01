{# Each number lies between its bounds, both included, or is null. NaN lies nowhere. #}
{% test in_range(model, ranges) %}
    select *
    from {{ model }}
    where
        {% for column, bounds in ranges.items() %}
            {{ column }} not between {{ bounds[0] }} and {{ bounds[1] }}{{ " or" if not loop.last }}
        {% endfor %}
{% endtest %}
