{#
    What fct_inference_uses needs beside the marks of marks.sql: requests that were taken back, and
    requests whose names stand for something else since the last build.

    intermediate.fct_inference_uses__names holds the names as they were resolved when the model last ran.
    It is written in the transaction that writes the model.
#}

{% macro names_of_uses_relation() %}
    {{ return('intermediate.' ~ this.identifier ~ '__names') }}
{% endmacro %}

{# As is_not_read, for the one source of uses: so short a condition lets DuckDB skip what was read. #}
{% macro is_use_not_read() %}
    {% if not execute or not is_incremental() %}{{ return('true') }}{% endif %}
    {% for source_id, seen_until in source_marks() if source_id == 'measurements' %}
        {% if not seen_until %}{{ return('true') }}{% endif %}
        {{ return("recorded_at > timestamp '" ~ seen_until ~ "'") }}
    {% endfor %}
    {{ return('false') }}
{% endmacro %}

{# Before the model runs: remove the uses whose newest version takes them back. #}
{% macro forget_withdrawn_uses() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    delete from {{ this }} where inference_use_id in (
        select source_id || ':' || measurement_id || ':' || boundary
        from raw.measurements
        where subject_kind = 'inference_use' and is_withdrawn and {{ is_use_not_read() }}
    )
{% endmacro %}

{# A subquery of the uses with a name that no longer means what it meant; none: an empty text. #}
{% macro uses_of_changed_names() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    {% set kept = adapter.get_relation(
        this.database, 'intermediate', this.identifier ~ '__names'
    ) %}
    {% if kept is none %}{{ return('select inference_use_id from ' ~ this) }}{% endif %}
    {% set changed %}
        select * from {{ names_of_uses_relation() }}
        except
        select * from {{ ref('int_measurements__resolved_names') }}
    {% endset %}
    {% if run_query('select count(*) from (' ~ changed ~ ')').columns[0].values()[0] == 0 %}
        {{ return('') }}
    {% endif %}
    {% set subquery %}
        with changed_names as ({{ changed }})
        select inference_use_id from {{ this }}
        where
            model_name in (select name_text from changed_names where name_kind = 'model')
            or hardware in (select name_text from changed_names where name_kind = 'hardware')
            or region in (select name_text from changed_names where name_kind = 'region')
    {% endset %}
    {{ return(subquery) }}
{% endmacro %}

{# After the model ran: what the names mean now. #}
{% macro keep_names_of_uses() %}
    {% if not execute %}{{ return('') }}{% endif %}
    create or replace table {{ names_of_uses_relation() }} as
    select * from {{ ref('int_measurements__resolved_names') }}
{% endmacro %}
