"""A temporary DuckDB file through which a release candidate, and the previous one, are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from clientele.sql import identifier, literal

COLUMNS = "found_columns"
"""Table: every column of the candidate and of the previous release, as ``database, schema, …``."""
CANDIDATE = "candidate"
PREVIOUS = "previous"


@dataclass(frozen=True)
class ReleaseCandidate:
    """What gate 2 is told about the candidate.

    Attributes:
        as_of: Business date the candidate is computed for.
        public_tables: Contracted columns and their types, by table.
        keys: Key columns, by table; a table without a key is left out.
        personal_columns: Names of delivered columns that hold personal data.
        is_new_version: The models or the policy differ from those of the previous release.
    """

    as_of: date
    public_tables: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, list[str]]
    personal_columns: frozenset[str]
    is_new_version: bool


def describe_candidate(connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate) -> None:
    """Fill an empty database to which ``candidate`` and perhaps ``previous`` are attached.

    Adds ``found_columns``; the contracted tables, empty, in schema ``contracted``, so that DuckDB
    itself spells their types; and one view per public table that the candidate has.

    Args:
        connection: The database to fill.
        release: What the candidate should be.

    Raises:
        duckdb.Error: A contracted type is not a type.
    """
    connection.execute(
        f"create table {COLUMNS} as "
        "select database_name, schema_name, table_name, column_name, data_type from duckdb_columns() "
        f"where database_name in ('{CANDIDATE}', '{PREVIOUS}') and not internal"
    )
    connection.execute("create schema contracted")
    for table, columns in release.public_tables.items():
        listed = ", ".join(f"{identifier(column)} {kind}" for column, kind in columns.items())
        connection.execute(f"create table contracted.{identifier(table)} ({listed})")
    for table in sorted(present_tables(connection, CANDIDATE) & set(release.public_tables)):
        connection.execute(f"create view {identifier(table)} as from {CANDIDATE}.main.{identifier(table)}")


def present_tables(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """Tables and views in schema ``main`` of an attached file."""
    return set(columns_of(connection, database))


def columns_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, set[str]]:
    """Column names by table in schema ``main`` of an attached file."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        f"select table_name, column_name from {COLUMNS} where database_name = ? and schema_name = 'main'",
        [database],
    ).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def attach(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path]) -> None:
    """Attach release files read-only under their names."""
    for name, file in files.items():
        connection.execute(f"attach {literal(file)} as {name} (read_only)")
