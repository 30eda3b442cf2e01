{# The columns together are a key: no two rows have the same, and each row has all of them, but
   those that may be null, where null is a value like any other. #}
{% test is_key(model, columns, may_be_null=[]) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by all
    having
        count(*) > 1
        {% for column in columns if column not in may_be_null %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
