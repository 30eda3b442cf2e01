{#
    How far an incremental model of the versioned raw tables has read, source by source.

    Beside such a model stands a small table, intermediate.<model>__read: for each source the newest
    recorded_at that the model has read, a digest of all loads up to there, and the fingerprint of the
    code and the seeds that it was made by. A row that was recorded later is new. If the digest or the
    fingerprint is another (a body was read again by another parser, a run was given an earlier clock, a
    seed or a line of SQL changed), all rows of the source are made anew; the rest stays.

    The mark is set in the transaction that writes the model, so that a build that fails or is killed
    is made up for by the next one.

    A model says what it is made by in its config: meta = {code_of: models and functions, seeds: names,
    macros: macros without arguments that return SQL}.
#}

{% macro marks_relation() %}
    {{ return('intermediate.' ~ this.identifier ~ '__read') }}
{% endmacro %}

{% macro code_fingerprint() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set meta = model.config.meta %}
    {% set code = [model.raw_code] %}
    {% for name in meta.get('code_of', []) %}
        {% set node = graph.nodes.get('model.joulehouse.' ~ name)
            or graph.functions.get('function.joulehouse.' ~ name) %}
        {% do code.append(node.raw_code) %}
        {# What such a model is itself made by counts as well. #}
        {% for inner_name in node.config.meta.get('code_of', []) %}
            {% set inner_node = graph.nodes.get('model.joulehouse.' ~ inner_name)
                or graph.functions.get('function.joulehouse.' ~ inner_name) %}
            {% do code.append(inner_node.raw_code) %}
        {% endfor %}
    {% endfor %}
    {% for name in meta.get('macros', []) %}
        {% do code.append(context[name]()) %}
    {% endfor %}
    {% set query %}
        select
            md5(concat_ws(
                '|',
                '{{ local_md5(code | join("|")) }}'
                {% for seed in meta.get('seeds', []) %}
                    ,
                    (
                        select string_agg(seed::varchar, ',' order by seed::varchar)
                        from seeds.{{ seed }} as seed
                    )
                {% endfor %}
            ))
    {% endset %}
    {{ return(run_query(query).columns[0].values()[0]) }}
{% endmacro %}

{# What identifies the loads of a source: which bodies, read by which parser, when. #}
{% macro loads_digest() -%}
    concat(count(*), ' ', bit_xor(hash(landing_id, parser_version, loaded_at)))
{%- endmacro %}

{# [(source_id, seen_until)] of every source that has loaded something; none: read all of it. #}
{% macro source_marks() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set read = adapter.get_relation(this.database, 'intermediate', this.identifier ~ '__read') %}
    {% set query %}
        with loads as (
            select * from raw.loads
            where row_count > 0
        ),
        marks as (
            {% if is_incremental() and read is not none %}
                select source_id, seen_until, loads_digest from {{ marks_relation() }}
                where fingerprint = '{{ code_fingerprint() }}'
            {% else %}
                select null::varchar as source_id, null::timestamp as seen_until, '' as loads_digest
            {% endif %}
        ),
        seen as (
            select source_id, {{ loads_digest() }} as loads_digest
            from loads inner join marks using (source_id)
            where loads.recorded_at <= marks.seen_until
            group by source_id
        )
        select loads.source_id, max(marks.seen_until)::varchar as seen_until
        from loads
        left join seen using (source_id)
        left join marks
            on loads.source_id = marks.source_id and seen.loads_digest = marks.loads_digest
        group by loads.source_id
        order by loads.source_id
    {% endset %}
    {% set found = [] %}
    {% for row in run_query(query).rows %}
        {% do found.append((row[0], row[1])) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# The condition under which a raw row (source_id, recorded_at) has not been read by this model. #}
{% macro is_not_read() %}
    {% if not execute or not is_incremental() %}{{ return('true') }}{% endif %}
    {% set conditions = [] %}
    {% for source_id, seen_until in source_marks() %}
        {% do conditions.append(
            "source_id = '" ~ source_id ~ "'"
            ~ (" and recorded_at > timestamp '" ~ seen_until ~ "'" if seen_until else "")
        ) %}
    {% endfor %}
    {{ return('(' ~ (conditions | join(' or ') or 'false') ~ ')') }}
{% endmacro %}

{# The lowest value of a column over the unread rows of a table, so that DuckDB can skip what lies
   before it: a literal prunes a scan where a join does not. #}
{% macro lowest_not_read(relation, expression) %}
    {% if not execute or not is_incremental() %}{{ return("timestamp '0001-01-01'") }}{% endif %}
    {% set query %}
        select coalesce(min({{ expression }}), timestamp '9999-12-31')::varchar
        from {{ relation }} where {{ is_not_read() }}
    {% endset %}
    {{ return("timestamp '" ~ run_query(query).columns[0].values()[0] ~ "'") }}
{% endmacro %}

{# Before the model runs: remove the rows of the sources that are made anew, but those that have a
   mark of their own. #}
{% macro forget_remade_sources(but=[]) %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    {% set remade = [] %}
    {% for source_id, seen_until in source_marks() if not seen_until and source_id not in but %}
        {% do remade.append("'" ~ source_id ~ "'") %}
    {% endfor %}
    {% if not remade %}{{ return('') }}{% endif %}
    delete from {{ this }} where source_id in ({{ remade | join(', ') }})
{% endmacro %}

{# After the model ran, in the same transaction: everything that is loaded has been read. #}
{% macro mark_as_read() %}
    {% if not execute %}{{ return('') }}{% endif %}
    create or replace table {{ marks_relation() }} as
    select
        source_id,
        '{{ code_fingerprint() }}' as fingerprint,
        max(recorded_at) as seen_until,
        {{ loads_digest() }} as loads_digest
    from raw.loads
    where row_count > 0
    group by source_id
{% endmacro %}

{# As delete+insert, but a null in the key is a value like any other. #}
{% macro get_incremental_replace_rows_sql(arg_dict) %}
    {% set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') %}
    delete from {{ arg_dict['target_relation'] }} as old using {{ arg_dict['temp_relation'] }} as new
    where
        {% for key in arg_dict['unique_key'] %}
            old.{{ key }} is not distinct from new.{{ key }}{{ ' and' if not loop.last }}
        {% endfor %}
    ;
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
