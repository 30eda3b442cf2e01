{#
    What fct_footprints makes anew in an incremental build. Runs and benchmarks are few: all of them.
    Uses may be millions: those that are new or revised, those whose names mean something else, those
    in a month of a zone of which an hour came, and those that stand on another factor than before.

    Beside the model stand intermediate.fct_footprints__read (see marks.sql), __names (the names as they
    were resolved) and __factors (a digest of each factor), written in the transaction that writes it.
#}

{% macro kept_relation(suffix) %}
    {{ return('intermediate.' ~ this.identifier ~ suffix) }}
{% endmacro %}

{# A digest of each factor in force, and of the tables that are small enough to be one. #}
{% macro factor_digests() %}
    select
        factor_kind as key_kind,
        factor_key as key,
        bit_xor(hash(factors)) as digest
    from {{ ref('int_factors__versions') }} as factors
    where factor_kind <> 'fuel'
    group by all

    union all

    select
        'contract' as key_kind,
        coalesce(grid_zone_id, '') as key,
        bit_xor(hash(contracts)) as digest
    from {{ ref('stg_contracts__contracts') }} as contracts
    group by all

    union all

    select
        'parameter' as key_kind,
        'ghg_mapping' as key,
        bit_xor(hash(mapping)) as digest
    from {{ ref('ghg_mapping') }} as mapping
{% endmacro %}

{# Before the transaction: the table of an earlier version of this project gets the columns of this one,
   in their order. DuckDB adds none to a table whose rows the same transaction has deleted. #}
{% macro add_new_columns() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    {% set known = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
    {% set wanted = model.columns.keys() | list %}
    {% if known == wanted %}{{ return('') }}{% endif %}
    create or replace table {{ this }} as
    select
        {% for column in model.columns.values() %}
            {% if column.name not in known %}cast(null as {{ column.data_type }}) as {% endif %}
            {{ column.name }},
        {% endfor %}
    from {{ this }}
{% endmacro %}

{# Before the model runs: what is always made anew, and uses that are no more. #}
{% macro forget_footprints() %}
    {% if not execute or not is_incremental() %}{{ return('') }}{% endif %}
    delete from {{ this }}
    where
        subject_kind <> 'inference_use'
        or subject_id in (
            select source_id || ':' || measurement_id || ':' || boundary
            from raw.measurements
            where subject_kind = 'inference_use' and is_withdrawn and {{ is_use_not_read() }}
        )
{% endmacro %}

{# After it ran, in the same transaction. #}
{% macro keep_factor_digests() %}
    {% if not execute %}{{ return('') }}{% endif %}
    create or replace table {{ kept_relation('__factors') }} as
    {{ factor_digests() }}
{% endmacro %}

{# The condition on fct_inference_uses under which a use is made anew. #}
{% macro is_use_made_again() %}
    {% if not execute or not is_incremental() %}{{ return('true') }}{% endif %}
    {% for suffix in ('__names', '__factors') %}
        {% if adapter.get_relation(this.database, 'intermediate', this.identifier ~ suffix) is none %}
            {{ return('true') }}
        {% endif %}
    {% endfor %}
    {% set names = ref('int_measurements__resolved_names') %}
    {% set changed_names %}
        select name_kind as key_kind, name_text as key
        from (select * from {{ kept_relation('__names') }} except select * from {{ names }})
        union
        select name_kind as key_kind, name_text as key
        from (select * from {{ names }} except select * from {{ kept_relation('__names') }})
    {% endset %}
    {% set changed_factors %}
        select key_kind, key
        from (
            (
                select * from {{ kept_relation('__factors') }}
                except
                select * from ({{ factor_digests() }})
            )
            union all
            (
                select * from ({{ factor_digests() }})
                except
                select * from {{ kept_relation('__factors') }}
            )
        )
    {% endset %}
    {% set changed = {} %}
    {% for kind, key in run_query(
        changed_names ~ ' union all ' ~ changed_factors ~ ' order by all'
    ).rows %}
        {% do changed.setdefault(kind, []).append("'" ~ key.replace("'", "''") ~ "'") %}
    {% endfor %}
    {% if changed.get('parameter') %}{{ return('true') }}{% endif %}
    {% set conditions = [is_use_not_read()] %}
    {% for kind, column in (
        ('model', 'model_name'), ('hardware', 'hardware'), ('region', 'region'),
        ('hardware_embodied', 'hardware_id'), ('hardware_end_of_life', 'hardware_id'),
        ('pue', "cloud_provider || ':' || cloud_region"),
        ('wue', "cloud_provider || ':' || cloud_region"),
    ) if changed.get(kind) %}
        {% do conditions.append(column ~ ' in (' ~ changed[kind] | unique | join(', ') ~ ')') %}
    {% endfor %}
    {% set zones = [] %}
    {% for kind in ('grid_year', 'grid_water', 'residual_mix', 'contract') %}
        {% do zones.extend(changed.get(kind, [])) %}
    {% endfor %}
    {% if zones %}
        {# A sub-zone may stand on its country's figure, a use without a place on the world's. #}
        {% set listed = zones | unique | join(', ') %}
        {% do conditions.append(
            "coalesce(grid_zone_id, 'WORLD') in (select zones.grid_zone_id from "
            ~ ref('dim_grid_zones') ~ " as zones where zones.grid_zone_id in (" ~ listed
            ~ ") or zones.country_iso2 in (" ~ listed ~ "))"
        ) %}
    {% endif %}
    {% set first_hour_at = lowest_not_read(
        ref('fct_grid_carbon_intensity'), "date_trunc('month', interval_start_at)"
    ) %}
    {# An hour may change with its month (see hourly_mix). A use of several months is seldom. #}
    {% set months %}
        select distinct figures.grid_zone_id, date_trunc('month', figures.interval_start_at)
        from {{ ref('fct_grid_carbon_intensity') }} as figures
        where
            {{ is_not_read() }}
            and figures.interval_minutes <= 60
            and figures.interval_start_at >= {{ first_hour_at }}
    {% endset %}
    {% for instant in ('started_at', 'ended_at') %}
        {% do conditions.append(
            "(" ~ instant ~ " >= " ~ first_hour_at
            ~ " and (grid_zone_id, date_trunc('month', " ~ instant ~ ")) in (" ~ months ~ "))"
        ) %}
    {% endfor %}
    {% do conditions.append("ended_at > started_at + interval 28 day") %}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{% endmacro %}
