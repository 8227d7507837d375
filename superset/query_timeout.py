"""A time limit for queries: DuckDB has none, and a worker's thread cannot be stopped from outside."""

from __future__ import annotations

import threading
from typing import Any

from duckdb_engine import ConnectionWrapper
from sqlalchemy import event
from sqlalchemy.pool import Pool

TIMER = "clientele_timer"


def install(seconds: float) -> None:
    """Interrupt every DuckDB connection that is in use for longer than ``seconds``.

    Superset takes a connection for each query and gives it back afterwards.
    """

    @event.listens_for(Pool, "checkout")
    def _start(connection: Any, record: Any, _: Any) -> None:
        if isinstance(connection, ConnectionWrapper):
            timer = threading.Timer(seconds, connection.interrupt)
            timer.daemon = True
            timer.start()
            record.info[TIMER] = timer

    @event.listens_for(Pool, "checkin")
    def _stop(_: Any, record: Any) -> None:
        if timer := record.info.pop(TIMER, None):
            timer.cancel()
