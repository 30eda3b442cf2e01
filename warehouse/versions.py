"""Storing what a source said only where it differs from what it said before.

A versioned table holds one row for each version of a key. The version in force is the one that
was recorded last; an earlier one says what was known then, so that any report can be restated.
"""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import polars as pl

from warehouse.tables import Table


def insert_versions(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pl.DataFrame,
    *,
    source_id: str,
    run_id: str,
) -> dict[str, int]:
    """Insert the rows of ``frame``, registered as ``incoming``, that say something new.

    ``frame`` has the table's columns, ``landing_id``, ``landed_sha256``, ``fetched_at`` and
    ``recorded_at``, and the number of the body and of the row in it: ``__landing``, ``__row``.
    Of one key that stands twice in one body the later row counts. A row is compared with the
    version before it in time, whatever the order in which bodies are loaded.

    Returns:
        For each ``landing_id`` how many of its rows were inserted.
    """
    keys = ", ".join(f'"{name}"' for name in table.key)
    near = _near(table, frame)
    if not _holds_a_key_twice(table, frame) and not _is_known(
        connection, table, source_id, near, frame.height
    ):
        return insert_all(connection, table, frame, source_id=source_id, run_id=run_id)
    columns = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in columns)
    compared = [
        name for name in columns if name not in table.key and name not in table.not_compared
    ]
    values = ", ".join(f'"{name}"' for name in compared) or "1"
    same_key = " and ".join(f'old."{name}" is not distinct from new."{name}"' for name in table.key)
    inserted = connection.execute(
        f"""
        insert into raw.{table.name}
            ({listed}, source_id, landing_id, landed_sha256, fetched_at, recorded_at, run_id)
        with arrived as (
            select *, false as __is_known
            from incoming
            qualify row_number() over (partition by __landing, {keys} order by __row desc) = 1
        ),
        known as (
            select
                {listed}, -1 as __landing, 0 as __row,
                landing_id, landed_sha256, fetched_at, recorded_at, true as __is_known
            from raw.{table.name} as old
            where
                source_id = $source_id
                and {near}
                and exists (select 1 from arrived as new where {same_key})
        ),
        ordered as (
            select
                *,
                row({values}) as __values,
                lag(row({values})) over in_time as __values_before,
                lead(row({values})) over in_time as __values_after,
                lead(recorded_at) over in_time as __recorded_after,
                lead(__is_known) over in_time as __is_known_after,
                row_number() over in_time as __version
            from (select * from arrived union all by name select * from known)
            window in_time as (
                partition by {keys} order by recorded_at, fetched_at, __is_known desc, __landing
            )
        )
        select
            {listed}, $source_id, landing_id, landed_sha256, fetched_at, recorded_at, $run_id
        from ordered
        where
            not __is_known
            and (__version = 1 or __values is distinct from __values_before)
            -- Two runs with one clock: the other said the same.
            and (
                __is_known_after is not true
                or __values is distinct from __values_after
                or __recorded_after is distinct from recorded_at
            )
        returning landing_id
        """,
        {"source_id": source_id, "run_id": run_id},
    ).pl()
    return dict(inserted.group_by("landing_id").len().iter_rows())


def insert_all(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pl.DataFrame,
    *,
    source_id: str,
    run_id: str,
) -> dict[str, int]:
    """Insert every row of ``frame``, as in :func:`insert_versions`."""
    listed = ", ".join(f'"{column.name}"' for column in table.columns)
    connection.execute(
        f"""
        insert into raw.{table.name}
            ({listed}, source_id, landing_id, landed_sha256, fetched_at, recorded_at, run_id)
        select
            {listed}, $source_id, landing_id, landed_sha256, fetched_at, recorded_at, $run_id
        from incoming
        """,
        {"source_id": source_id, "run_id": run_id},
    )
    counted = frame.group_by("landing_id").len()
    return dict(counted.cast({"landing_id": pl.String}).iter_rows())


def contradictions(connection: duckdb.DuckDBPyConnection, table: Table) -> list[tuple[int, int]]:
    """``(__landing, __row)`` of rows of ``incoming`` that a later row of their body contradicts."""
    keys = ", ".join(f'"{name}"' for name in table.key)
    values = ", ".join(
        f'"{column.name}"'
        for column in table.columns
        if column.name not in table.key and column.name not in table.not_compared
    )
    if not values:
        return []
    return connection.execute(
        f"""
        select __landing, __row
        from incoming
        window in_body as (partition by __landing, {keys} order by __row desc)
        qualify row({values}) is distinct from first_value(row({values})) over in_body
        """
    ).fetchall()


def _holds_a_key_twice(table: Table, frame: pl.DataFrame) -> bool:
    """Whether a key may stand twice in ``frame``. A hash that meets another by chance says yes."""
    hashes = frame.select(pl.struct(table.key).hash()).to_series()
    return hashes.n_unique() < frame.height


def _is_known(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    source_id: str,
    near: str,
    incoming_count: int,
) -> bool:
    """Whether any key of ``incoming`` is in the table."""
    old = f"(select * from raw.{table.name} where source_id = $source_id and {near})"
    given = {"source_id": source_id}
    counted = connection.execute(f"select count(*) from {old}", given).fetchone()
    near_count = counted[0] if counted else 0
    if near_count == 0:
        return False
    # The smaller side is the one that is worth a hash table.
    one, other = ("incoming", old) if near_count < incoming_count else (old, "incoming")
    same_key = " and ".join(f'a."{name}" is not distinct from b."{name}"' for name in table.key)
    found = connection.execute(
        f"select 1 from {one} as a where exists (select 1 from {other} as b where {same_key}) "
        "limit 1",
        given,
    ).fetchone()
    return found is not None


def _near(table: Table, frame: pl.DataFrame) -> str:
    """A condition that every row of the table with a key of ``frame`` meets.

    It is there for speed alone: DuckDB leaves out whole row groups by it, so that a day's rows are
    compared with few others, however much history there is.
    """
    conditions = ["true"]
    for name in table.key:
        column = frame[name]
        if column.null_count():
            continue
        low, high = (_literal(value) for value in (column.min(), column.max()))
        conditions.append(f'"{name}" between {low} and {high}')
    return " and ".join(conditions)


def _literal(value: object) -> str:
    if isinstance(value, datetime):
        return f"timestamp '{value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
