{#
    Age of a source at the clock of the run (JOULEHOUSE_NOW; the machine's where nobody sets it). A
    source that never succeeded has no age: it has no key, or no network, which is no fault of age;
    the status of the source says so.
#}
{% macro duckdb__collect_freshness(source, loaded_at_field, filter) %}
    {% set now = env_var('JOULEHOUSE_NOW', '') %}
    {% set now = "(timestamptz '" ~ now ~ "')" if now else current_timestamp() %}
    {% call statement('collect_freshness', fetch_result=True, auto_begin=False) -%}
        select
            cast(coalesce(max({{ loaded_at_field }}), {{ now }}) as timestamp) as max_loaded_at,
            cast({{ now }} as timestamp) as snapshotted_at
        from {{ source }}
        {% if filter %}
            where {{ filter }}
        {% endif %}
    {%- endcall %}
    {{ return(load_result('collect_freshness')) }}
{% endmacro %}
