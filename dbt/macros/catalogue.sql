{#
    The description of the warehouse, from dbt's own graph: what meta_columns and meta_functions
    select from. The graph is whole when a model is compiled, so every column of every mart is there.
#}

{% macro sql_text(value) -%}
    {%- if value is none or value == '' -%}
        null
    {%- else -%}
        '{{ value | string | trim | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}

{% macro catalogue_of_columns() %}
    {% if not execute %}{{ return("(null, null, null, null, null, null)") }}{% endif %}
    {% set rows = [] %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        if node.schema == 'main' %}
        {% for column in node.columns.values() %}
            {% do rows.append(
                "(" ~ [
                    sql_text(node.name),
                    loop.index | string,
                    sql_text(column.name),
                    sql_text(column.data_type),
                    sql_text(column.config.meta.get('unit')),
                    sql_text(column.description),
                ] | join(", ") ~ ")"
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return(rows | sort | join(",\n")) }}
{% endmacro %}

{% macro catalogue_of_functions() %}
    {% if not execute %}{{ return("(null, null, null, null, null, null, null, null, null, null)") }}{% endif %}
    {% set rows = [] %}
    {% for node in graph.functions.values() %}
        {% set meta = node.config.meta %}
        {% set units = meta.get('argument_units', {}) %}
        {% set arguments = [] %}
        {% set documented = [] %}
        {% for argument in node.arguments %}
            {% set default = argument.get('default_value') %}
            {% do arguments.append(
                argument.name ~ " [" ~ units.get(argument.name, 'text') ~ "]"
                ~ ((" := " ~ default) if default is not none else "")
            ) %}
            {% do documented.append({
                'name': argument.name,
                'data_type': argument.data_type,
                'unit': units.get(argument.name),
                'default': default,
                'description': argument.description,
            }) %}
        {% endfor %}
        {% do rows.append(
            "(" ~ [
                sql_text(node.name),
                sql_text(node.config.type),
                sql_text(arguments | join(', ')),
                sql_text(tojson(documented)),
                sql_text(node.returns.data_type),
                sql_text(meta.get('unit')),
                sql_text(node.description),
                sql_text(meta.get('reference')),
                sql_text(meta.get('reference_url')),
                sql_text(meta.get('domain')),
            ] | join(", ") ~ ")"
        ) %}
    {% endfor %}
    {{ return(rows | sort | join(",\n")) }}
{% endmacro %}
