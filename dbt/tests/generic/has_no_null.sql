{# None of the columns is null, or text without a character. #}
{% test has_no_null(model, columns) %}
    select *
    from {{ model }}
    where
        {% for column in columns %}
            nullif(trim(cast({{ column }} as varchar)), '') is null{{ " or" if not loop.last }}
        {% endfor %}
{% endtest %}
