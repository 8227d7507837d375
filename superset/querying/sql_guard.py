"""Which SQL may reach the served file: one plain SELECT over its public tables.

The file holds no personal data and DuckDB is opened locked (no files, no network, no settings), so
this is a second wall: it refuses what a reader of dashboards and tables never needs.
"""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

ALLOWED_ROOTS = (exp.Select, exp.SetOperation, exp.Subquery)
FORBIDDEN_NODES = (exp.Pivot, exp.Into, exp.Command, exp.DML, exp.DDL, exp.Summarize, exp.Describe)
FORBIDDEN_PREFIXES = (
    "duckdb_",
    "pragma_",
    "read_",
    "parquet_",
    "current_",
    "pg_",
    "json_execute",
    "iceberg_",
)
FORBIDDEN_FUNCTIONS = frozenset(
    {
        "arrow_scan",
        "checkpoint",
        "disable_logging",
        "enable_logging",
        "force_checkpoint",
        "from_substrait",
        "getenv",
        "getvariable",
        "glob",
        "has_table_privilege",
        "in_search_path",
        "json_deserialize_sql",
        "json_serialize_plan",
        "json_serialize_sql",
        "nextval",
        "pandas_scan",
        "python_map_function",
        "query",
        "query_table",
        "repeat_row",
        "seq_scan",
        "session_user",
        "sleep_ms",
        "sniff_csv",
        "sql_auto_complete",
        "test_all_types",
        "test_vector_types",
        "txid_current",
        "user",
        "version",
        "which_secret",
        "write_log",
    }
)
ALLOWED_TABLE_FUNCTIONS = frozenset({"generate_series", "range", "unnest"})
ALLOWED_CURRENT = frozenset({"current_date", "current_timestamp", "current_time"})
SERVED_SCHEMAS = frozenset({"", "main"})


class RefusedSqlError(ValueError):
    """The statement is not a plain SELECT over the public tables."""


def guard(sql: str, **_: object) -> str:
    """Return the statement unchanged if it is a plain SELECT over the public tables.

    Args:
        sql: The statement that Superset is about to run.

    Returns:
        ``sql``, unchanged.

    Raises:
        RefusedSqlError: It is anything else; the message says what was found.
    """
    statement = _single_statement(sql)
    if not isinstance(statement, ALLOWED_ROOTS):
        raise _refused(f"{statement.key.upper()} is not a SELECT")
    for node in statement.walk():
        if isinstance(node, FORBIDDEN_NODES):
            raise _refused(f"{node.key.upper()} may not be used")
        if isinstance(node, exp.Func):
            _check_function(node)
        if isinstance(node, exp.Table):
            _check_table(node)
    return sql


def _single_statement(sql: str) -> Any:
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement]
    except SqlglotError as error:
        raise _refused(f"it cannot be read ({str(error).splitlines()[0]})") from error
    if len(statements) != 1:
        raise _refused(f"{len(statements)} statements were given")
    return statements[0]


def _check_function(node: exp.Func) -> None:
    name = _function_name(node)
    if name in FORBIDDEN_FUNCTIONS or (name.startswith(FORBIDDEN_PREFIXES) and name not in ALLOWED_CURRENT):
        raise _refused(f"the function {name} may not be used")


def _function_name(node: exp.Func) -> str:
    return str(node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _check_table(node: exp.Table) -> None:
    if isinstance(node.this, exp.Func) and _function_name(node.this) not in ALLOWED_TABLE_FUNCTIONS:
        raise _refused(f"the function {_function_name(node.this)} may not stand for a table")
    if node.catalog or node.db.lower() not in SERVED_SCHEMAS:
        raise _refused(f"{node.sql(dialect='duckdb')} is outside the schema main")
    if isinstance(node.this, exp.Identifier) and not node.name.isidentifier():
        raise _refused(f"{node.name!r} is not a table")
    if node.name.lower().startswith(("duckdb_", "pragma_", "sqlite_", "pg_")):
        raise _refused(f"{node.name} is a system table")


def _refused(reason: str) -> RefusedSqlError:
    return RefusedSqlError(
        f"Refused: {reason}. Write one SELECT or UNION over the public tables of the schema main."
    )
