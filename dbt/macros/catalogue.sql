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

{# One row of the catalogue: a column is a dictionary of name, data_type, unit and description. #}
{% macro catalogue_row(table_name, position, column, kind) -%}
    {{ return("(" ~ [
        sql_text(table_name),
        position | string,
        sql_text(column.name),
        sql_text(column.data_type),
        sql_text(column.unit),
        sql_text(column.description),
        sql_text(kind),
    ] | join(", ") ~ ")") }}
{%- endmacro %}

{# The columns of a node of the graph, as such dictionaries. #}
{% macro described_columns(node) %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% do columns.append({
            'name': column.name,
            'data_type': column.data_type,
            'unit': column.config.meta.get('unit'),
            'description': column.description,
        }) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{#
    Columns of every table and view of the schema, and of what every table function answers. Those of
    a function stand in its YAML: `result_columns_of` names a mart that it has the columns of,
    `result_columns` lists more.
#}
{% macro catalogue_of_columns() %}
    {% if not execute %}{{ return("(null, null, null, null, null, null, null)") }}{% endif %}
    {% set rows = [] %}
    {% set marts = {} %}
    {% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        if node.schema == 'main' %}
        {% set columns = described_columns(node) %}
        {% do marts.update({node.name: columns}) %}
        {% set kind = 'view' if node.config.materialized == 'view' else 'table' %}
        {% for column in columns %}
            {% do rows.append(catalogue_row(node.name, loop.index, column, kind)) %}
        {% endfor %}
    {% endfor %}
    {% for node in graph.functions.values() if node.config.type == 'table' %}
        {% set meta = node.config.meta %}
        {% set columns = marts.get(meta.get('result_columns_of'), []) + meta.get('result_columns', []) %}
        {% for column in columns %}
            {% do rows.append(catalogue_row(node.name, loop.index, column, 'function')) %}
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
