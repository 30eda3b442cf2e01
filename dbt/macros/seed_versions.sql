{#
    The versions of one of our own tables, in the columns and types that the seed declares, with
    recorded_at, is_withdrawn and source_id. Of a table whose file was never read as a source (the
    sources were narrowed down, or dbt is run alone), the seed itself is the one version, from the day
    on which the first of its rows was read. A list of common table expressions; the last is
    `seed_versions`.
#}
{% macro seed_versions(seed_name) %}
    {% set types = {} %}
    {% if execute %}
        {% set types = graph.nodes['seed.joulehouse.' ~ seed_name].config.column_types %}
    {% endif %}

read_versions as (
    select
        {% for column, type in types.items() %}
            try_cast(cells['{{ column }}'] as {{ type }}) as {{ column }},
        {% endfor %}
        is_withdrawn,
        source_id,
        landed_sha256,
        recorded_at
    from {{ ref('stg_seeds__row_versions') }}
    where seed_name = '{{ seed_name }}'
),

unread as (
    select
        {% for column in types %}
            {{ column }},
        {% endfor %}
        false as is_withdrawn,
        'joulehouse-seeds' as source_id,
        cast(null as varchar) as landed_sha256,
        cast(min(retrieved_date) over () as timestamp) as recorded_at
    from {{ ref(seed_name) }}
    where not exists (select 1 from read_versions)
),

seed_versions as (
    select * from read_versions
    union all by name
    select * from unread
)
{% endmacro %}

{# The values of the seeds that were read as a source. A warehouse that no run of this version has
   prepared does not have the table yet. #}
{% macro seed_values() %}
    {% set values = source('seeds', 'seed_values') %}
    {% if execute and adapter.get_relation(target.database, 'raw', 'seed_values') is none %}
        (
            select '' as landing_id, '' as seed_name, '' as row_key, '' as column_name, '' as value_text
            where false
        )
    {% else %}
        {{ values }}
    {% endif %}
{% endmacro %}

{# The columns of a seed, as it declares them. #}
{% macro seed_columns(seed_name) -%}
    {% if execute -%}
        {{ graph.nodes['seed.joulehouse.' ~ seed_name].config.column_types | join(', ') }}
    {%- else -%}
        *
    {%- endif %}
{%- endmacro %}
