{#
    Tests of a table that only grows need not read all of it at each run. Two words stand for a
    condition in a test's `where`; with --full-refresh both stand for every row.

    - __newest__: the rows that came since the last build that passed all tests and was published. What
      a failed build brought is tested again until it passes.
    - __same_time_as_newest__: the rows of the same time as those (`meta: {time_column: ...}`, else
      interval_start_at), the older ones among them included: so that a key that stands twice shows.
#}
{% macro get_where_subquery(relation) -%}
    {% set where = config.get('where', '') %}
    {% if not where %}{{ return(relation) }}{% endif %}
    {% set newest = "recorded_at > " ~ tested_until(relation) %}
    {% set time = (config.get('meta') or {}).get('time_column', 'interval_start_at') %}
    {% set same_time %}
        {{ time }} between
        (select min({{ time }}) from {{ relation }} where {{ newest }})
        and (select max({{ time }}) from {{ relation }} where {{ newest }})
    {% endset %}
    {% if flags.FULL_REFRESH %}
        {% set newest, same_time = 'true', 'true' %}
    {% endif %}
    {% set condition = where | replace('__newest__', newest)
        | replace('__same_time_as_newest__', same_time) %}
    {% do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') dbt_subquery') %}
{%- endmacro %}


{# The clock of the last published build before the newest rows of a relation: until then all passed. #}
{% macro tested_until(relation) %}
    {% if flags.FULL_REFRESH %}{{ return("timestamp '0001-01-01'") }}{% endif %}
    {% set expression %}
        coalesce(
            (
                select max(builds.as_of) from raw.builds as builds
                where
                    builds.status = 'published'
                    and builds.as_of < (select max(newest.recorded_at) from {{ relation }} as newest)
            ),
            timestamp '0001-01-01'
        )
    {% endset %}
    {{ return(expression) }}
{% endmacro %}
