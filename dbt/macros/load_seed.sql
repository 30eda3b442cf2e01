{#
    Seeds are plain CSV: say so, where dbt-duckdb lets DuckDB guess the quotes and, with a long note
    in an early row, guess wrong.
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set sql %}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) }}'
        (format csv, auto_detect false, header true, delimiter ',', quote '"', escape '"')
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
