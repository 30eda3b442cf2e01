{#
    ref, source and function name no database. dbt otherwise writes the catalog of the file it builds
    ("warehouse") into every view, function and table macro, and a published file has another
    catalog name, so each of them would fail there with `Catalog "warehouse" does not exist`.
#}

{% macro ref() %}
    {% do return(builtins.ref(*varargs, **kwargs).include(database=false)) %}
{% endmacro %}

{% macro source() %}
    {% do return(builtins.source(*varargs).include(database=false)) %}
{% endmacro %}

{% macro function() %}
    {% do return(builtins.function(*varargs).include(database=false)) %}
{% endmacro %}
