"""How Great Expectations reaches DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb_engine
from sqlalchemy.dialects import registry

from clientele.sql import literal


class AutocommitDialect(duckdb_engine.Dialect):
    """duckdb-engine without transactions, able to attach further files.

    Great Expectations fetches rows after it gave the connection back, and every transaction call
    discards DuckDB's open result; readers need no transactions, so none are made.
    """

    driver = "autocommit"
    supports_statement_cache = False

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """Connect, then attach ``cparams['attached']`` (name → file) read-only."""
        attached: dict[str, str] = cparams.pop("attached", {})
        connection = super().connect(*cargs, **cparams)
        for name, file in attached.items():
            connection.execute(f"attach if not exists {literal(file)} as {name} (read_only)")
        return connection

    def do_begin(self, dbapi_connection: Any) -> None:
        """Start nothing."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Commit nothing."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Roll nothing back."""


def register() -> None:
    """Make ``duckdb+autocommit:///file`` known to SQLAlchemy."""
    registry.register("duckdb.autocommit", __name__, AutocommitDialect.__name__)
