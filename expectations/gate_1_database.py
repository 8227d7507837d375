"""A temporary DuckDB file in which one entity's part of the lake can be judged.

Rows stay in their Parquet files behind views; what the loader recorded about them is small and is
copied into tables.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from clientele.contracts import Column, Contract
from clientele.lake_folders import PREFIX, SCHEMA_DATE, label
from clientele.sql import files as listed
from clientele.sql import identifier

ROWS = "delivered_rows"
"""View: the rows delivered in the window, with the contracted columns in the contracted types."""

EARLIER_ROWS = "earlier_rows"
"""View: like ``delivered_rows``, with the rows of some deliveries before the window."""

PLACE = "source_file as file, source_line as line, business_date"
"""Where a row came from: enough to find it, and no personal data."""


@dataclass(frozen=True)
class Window:
    """Business dates that are judged, both included."""

    first: date
    last: date

    def contains(self, column: str = "business_date") -> str:
        """SQL condition for a date of the window."""
        return f"{column} between date '{self.first}' and date '{self.last}'"


def describe_entity(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    contracts: Mapping[str, Contract],
    contract: Contract,
    window: Window,
    loads_before: int,
) -> None:
    """Fill an empty database with what the gate needs of an entity.

    Views and tables: ``delivered_rows``; ``audit`` of the window and of the loads before it;
    ``rejects`` and ``refusals`` of the window; ``file_columns`` (columns found in each file of the
    window); one ``known_<entity>_<column>`` per reference, with the day each value was first known.

    Args:
        connection: The database to fill.
        lake: Folder of the lake.
        contracts: All contracts, for the entities that are referred to.
        contract: The entity.
        window: Business dates that are judged.
        loads_before: Deliveries before the window to compare with; older ones stay unread.

    Raises:
        FileNotFoundError: The lake has no schema partition of the entity.
    """
    raw = _partitions(lake / "raw" / contract.name, window.first, window.last)
    _copy_file_columns(connection, raw)
    connection.execute(f"create view {ROWS} as {_rows(connection, contract, raw)}")
    for name, before in (("audit", loads_before), ("rejects", 0), ("refusals", 0)):
        files = _partitions(lake / name / contract.name, window.first, window.last, before)
        connection.execute(
            f"create table {name} as select * from {_read(files)} where business_date <= date '{window.last}'"
        )
    for _, entity, target in contract.references:
        _copy_known_values(connection, lake, contracts[entity], target, window)


def describe_earlier_rows(
    connection: duckdb.DuckDBPyConnection, lake: Path, contract: Contract, window: Window, loads_before: int
) -> None:
    """Add the view ``earlier_rows`` to a database that ``describe_entity`` filled.

    Args:
        connection: The database.
        lake: Folder of the lake.
        contract: The entity.
        window: Business dates that are judged.
        loads_before: Deliveries before the window to compare with; older ones stay unread.
    """
    files = _partitions(lake / "raw" / contract.name, window.first, window.last, loads_before)
    connection.execute(f"create view {EARLIER_ROWS} as {_rows(connection, contract, files)}")


def describe_latest_versions(
    connection: duckdb.DuckDBPyConnection, lake: Path, parent: Contract, columns: Iterable[str], last: date
) -> str:
    """Add a table with some columns of the latest version of each row of an entity.

    Args:
        connection: The database.
        lake: Folder of the lake.
        parent: The entity; its key is one column.
        columns: The columns.
        last: Last business date of the versions.

    Returns:
        Name of the table, which has the key as ``version_of``, and the columns.
    """
    table, key = f"latest_{parent.name}", identifier(parent.key[0])
    latest = ", ".join(
        f"arg_max({identifier(name)}, business_date) as {identifier(name)}" for name in columns
    )
    files = _partitions(lake / "raw" / parent.name, date.min, last)
    connection.execute(
        f"create table {identifier(table)} as select {key} as version_of, {latest} "
        f"from {_read(files)} group by all"
    )
    return table


def _partitions(folder: Path, first: date, last: date, before: int = 0) -> list[Path]:
    """Parquet files of the dates and of so many dates before, after the empty schema file of the folder."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing: create the schema partitions of the lake first")
    schema = folder / label(SCHEMA_DATE) / "schema.parquet"
    days = sorted(entry.name.removeprefix(PREFIX) for entry in folder.iterdir())
    start, end = bisect_left(days, first.isoformat()), bisect_right(days, last.isoformat())
    wanted = (folder / label(day) for day in days[max(0, start - before) : end])
    return [schema] + [path for day in wanted for path in sorted(day.glob("*.parquet")) if path != schema]


def _read(files: Iterable[Path]) -> str:
    return (
        f"read_parquet({listed(files)}, union_by_name = true, hive_partitioning = true, "
        "hive_types = {'business_date': date})"
    )


def _copy_file_columns(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    connection.execute(
        "create table file_columns as select file_name as file, name as column_name, "
        f"duckdb_type as type from parquet_schema({listed(files)}) where duckdb_type is not null"
    )


def _rows(connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[Path]) -> str:
    """The rows in contracted types, so that a wrong type in a file breaks the schema check only."""
    names = connection.execute("select distinct column_name from file_columns").fetchall()
    found = {str(name) for (name,) in names}

    def typed(column: Column) -> str:
        name = identifier(column.name)
        value = f"try_cast({name} as {column.type})" if column.name in found else f"null::{column.type}"
        return f"{value} as {name}"

    columns = ", ".join(map(typed, contract.columns))
    return f"select {columns}, source_file, source_line, business_date from {_read(files)}"


def _copy_known_values(
    connection: duckdb.DuckDBPyConnection, lake: Path, parent: Contract, column: str, window: Window
) -> None:
    files = _partitions(lake / "raw" / parent.name, date.min, window.last)
    connection.execute(
        f"create table if not exists {known_values(parent.name, column)} as "
        f"select {identifier(column)} as value, min(business_date) as known_from "
        f"from {_read(files)} group by all"
    )


def known_values(entity: str, column: str) -> str:
    """Name of the table with the known values of a referenced column."""
    return f"known_{entity}_{column}"
