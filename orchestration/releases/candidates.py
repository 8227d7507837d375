"""A release candidate: the public tables in a file of their own, not yet visible to readers."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from clientele.settings import WAREHOUSE_FILE, Settings
from clientele.sql import literal


def candidate_file(settings: Settings, refresh_id: str) -> Path:
    """Where the candidate of a refresh is built."""
    return settings.serving / "candidates" / refresh_id / WAREHOUSE_FILE


def build_candidate(settings: Settings, refresh_id: str, tables: Mapping[str, list[str]]) -> Path:
    """Copy the public tables of the warehouse into a file of their own.

    Args:
        settings: Where the warehouse is.
        refresh_id: The refresh it belongs to.
        tables: Public tables with their key columns, by which rows are ordered.

    Returns:
        The candidate file.
    """
    file = candidate_file(settings, refresh_id)
    shutil.rmtree(file.parent.parent, ignore_errors=True)
    file.parent.mkdir(parents=True)
    _copy(settings, file, tables)
    return file


def copy_again(settings: Settings, candidate: Path, tables: Mapping[str, list[str]]) -> None:
    """Replace some tables of a candidate, such as the records of a refresh that have grown meanwhile."""
    _copy(settings, candidate, tables)


def checksums(file: Path, tables: Iterable[str]) -> dict[str, str]:
    """A checksum of each table's rows, whatever their order.

    Args:
        file: A DuckDB file.
        tables: The tables.

    Returns:
        Row count and hash by table; equal exactly when the tables hold the same rows.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        return {table: _checksum(connection, table) for table in sorted(tables)}


def _checksum(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    row = connection.execute(
        "select count(*), coalesce(sum(hash(t)::hugeint), 0), coalesce(bit_xor(hash(t)), 0) "
        f"from {table} as t"
    ).fetchone()
    assert row is not None
    return "-".join(str(value) for value in row)


def _copy(settings: Settings, file: Path, tables: Mapping[str, list[str]]) -> None:
    with duckdb.connect(
        str(file), config={"threads": settings.threads, "memory_limit": f"{settings.memory_limit_gb}GB"}
    ) as connection:
        connection.execute(f"attach {literal(str(settings.warehouse))} as source (read_only)")
        for table, key in tables.items():
            order = ", ".join(key)
            connection.execute(
                f"create or replace table main.{table} as select * from source.main.{table} order by {order}"
            )
        connection.execute("detach source")
