"""Tries statements on the guard and on the locked engine, in Superset's environment.

Standard input: JSON with ``served`` (a released file) and ``statements``. Standard output: JSON, for each
statement what the guard said (null: it passed) and what the engine answered, in a process as in Superset.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from typing import Any

import duckdb
import runtime
import validate
from expanding import documents
from querying import processes, sql_guard

SECONDS = 10.0


def main() -> None:
    """Answer the one request on standard input."""
    asked = json.load(sys.stdin)
    values = {"serving_file": asked["served"], "spill": asked["spill"], "threads": "2"}
    database = documents.expand(runtime.ASSETS, values, validate.LAST_DAY)["databases/clientele.yaml"]
    options = database["extra"]["engine_params"]["connect_args"]
    processes.install(SECONDS, _everybody)
    answers = [
        {"guard": _guard(sql), "engine": _engine(sql, asked["served"], options)}
        for sql in asked["statements"]
    ]
    json.dump(answers, sys.stdout)


def _everybody(_: ExitStack) -> bool:
    return False


def _guard(sql: str) -> str | None:
    try:
        sql_guard.guard(sql)
    except sql_guard.RefusedSqlError as error:
        return str(error)
    return None


def _engine(sql: str, served: str, options: dict[str, Any]) -> str:
    connection = processes.Dialect().connect(database=served, **options)
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        return repr(cursor.fetchall())
    except duckdb.Error as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    main()
