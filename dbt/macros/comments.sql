{#
    What a reader sees in duckdb_columns() and in a database browser: the description of each
    relation and column, with the unit in brackets. A function's description is the comment of its
    macro. Everything goes to the database in one statement.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {% set statements = [] %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do statements.append(duckdb__alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() and model.columns %}
        {% do statements.append(duckdb__alter_column_comment(relation, model.columns)) %}
    {% endif %}
    {% if statements %}
        {% do run_query(statements | join("\n")) %}
    {% endif %}
{% endmacro %}

{% macro duckdb__alter_relation_comment(relation, comment) %}
    {%- set kind = relation.type -%}
    {%- if kind == 'function' -%}
        {%- set kind = 'macro table' if model.config.type == 'table' else 'macro' -%}
    {%- endif -%}
    comment on {{ kind }} {{ relation }} is {{ duckdb_escape_comment(comment | trim) }};
{% endmacro %}

{# The mart's contract holds for every column named here, so none has to be looked up. #}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% for column in column_dict.values() if column.description %}
        {% set unit = column.config.meta.get('unit') if column.config else none %}
        {% set comment = column.description | trim ~ (" [" ~ unit ~ "]" if unit else "") %}
        comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(comment) }};
    {% endfor %}
{% endmacro %}
