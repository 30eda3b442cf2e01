"""The dictionary: sources, columns, formulas."""

from __future__ import annotations

import polars as pl

from panel_app.data import Data


def sources(data: Data) -> pl.DataFrame:
    """Sources with licence and citation."""
    return data.frame(
        """
        select
            source_id, title, publisher, homepage_url, licence, licence_url, citation, description,
            row_count, last_success_at
        from meta_sources
        order by title
        """
    )


def columns(data: Data) -> pl.DataFrame:
    """Every column of every table with its unit and description."""
    return data.frame(
        """
        select table_name, column_name, data_type, unit, description
        from meta_columns
        order by table_name, column_name
        """
    )


def functions(data: Data) -> pl.DataFrame:
    """Every formula that SQL can call."""
    return data.frame(
        """
        select
            function_name, function_kind, arguments, return_unit, description, reference,
            reference_url
        from meta_functions
        order by function_name
        """
    )


def matching(frame: pl.DataFrame, search: str, table_name: str) -> pl.DataFrame:
    """The rows in which every word of ``search`` occurs, whatever its case."""
    if table_name:
        frame = frame.filter(pl.col("table_name") == table_name)
    haystack = pl.concat_str(
        [
            pl.col(name).fill_null("")
            for name in ("table_name", "column_name", "unit", "description")
        ],
        separator=" ",
    ).str.to_lowercase()
    for word in search.lower().split():
        frame = frame.filter(haystack.str.contains(word, literal=True))
    return frame
