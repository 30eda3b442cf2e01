{#
    dbt's `functions/` resource on DuckDB, where a function is a macro. Its parameters carry no type:
    typed ones need a storage version that readers before DuckDB 1.4 cannot open.
#}

{% macro duckdb__formatted_scalar_function_args_sql() %}
    {%- for argument in model.arguments -%}
        {{ argument.name }}
        {%- if argument.get('default_value') is not none %} := {{ argument.default_value }}{% endif -%}
        {{ ", " if not loop.last }}
    {%- endfor -%}
{% endmacro %}

{% macro duckdb__scalar_function_create_replace_signature_sql(target_relation) %}
    create or replace macro {{ target_relation.render() }}({{ formatted_scalar_function_args_sql() }}) as
{% endmacro %}

{% macro duckdb__scalar_function_body_sql() %}
    cast((
        {{ model.compiled_code }}
    ) as {{ model.returns.data_type }})
{% endmacro %}

{# `config: {type: table}`: the body is one select, and the function a table macro. #}
{% macro duckdb__table_function_sql(target_relation) %}
    create or replace macro {{ target_relation.render() }}({{ formatted_scalar_function_args_sql() }}) as table
    {{ model.compiled_code }};
{% endmacro %}
