{#
    What a costly table stands on, as one hash: the bodies of a source that are loaded, the rows of
    some seeds, and the code of the model and of what it calls (`texts`: what macros write). An
    incremental model keeps the hash in its rows (input_fingerprint), and is computed anew, whole, when
    the hash is another.
#}
{% macro input_fingerprint(source_id, loads, seeds, code_of, texts=[]) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set code = [model.raw_code] + texts %}
    {% for name in code_of %}
        {% set node = graph.nodes.get('model.joulehouse.' ~ name)
            or graph.functions.get('function.joulehouse.' ~ name) %}
        {% do code.append(node.raw_code) %}
    {% endfor %}
    {% set query %}
        select
            md5(concat_ws(
                '|',
                '{{ local_md5(code | join("|")) }}',
                (
                    select string_agg(
                        concat_ws(' ', landed_sha256, parser_version, recorded_at), ','
                        order by landed_sha256
                    )
                    from {{ loads }}
                    where source_id = '{{ source_id }}'
                )
                {% for seed in seeds %}
                    ,
                    (select string_agg(seed::varchar, ',' order by seed::varchar) from {{ seed }} as seed)
                {% endfor %}
            ))
    {% endset %}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}

{# Whether the table of an incremental model holds rows, all made from inputs with this hash. #}
{% macro is_made_from(fingerprint) %}
    {% if not execute or not is_incremental() %}{{ return(false) }}{% endif %}
    {% set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
    {% if 'input_fingerprint' not in columns %}{{ return(false) }}{% endif %}
    {% set query %}
        select coalesce(bool_and(input_fingerprint = '{{ fingerprint }}'), false) from {{ this }}
    {% endset %}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}
