"""Dagster's own SQLite event log, with one transaction for a batch of events.

A run over two years of business dates reports one event per entity and date. Dagster collects such
events in batches, but its SQLite storage writes each in two transactions of its own: minutes of waiting
for the disk (D-09).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

BUSY_SECONDS = 30


class BatchedSqliteEventLogStorage(SqliteEventLogStorage):
    """Stores a batch of events with one connection and one commit per database file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._batch = threading.local()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> BatchedSqliteEventLogStorage:
        """Build the storage from ``dagster.yaml``."""
        return cls(inst_data=inst_data, **config_value)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run together."""
        with ExitStack() as stack:
            # Opening through the parent creates the tables of a new run's file.
            for shard in {event.run_id for event in events} | {INDEX_SHARD_NAME}:
                with super()._connect(shard):
                    pass
            self._batch.connections = {
                shard: stack.enter_context(self._transaction(shard))
                for shard in sorted({event.run_id for event in events} | {INDEX_SHARD_NAME})
            }
            try:
                for event in events:
                    self.store_event(event)
            finally:
                del self._batch.connections

    def _connect(self, shard: str) -> AbstractContextManager[Connection]:
        open_connections: dict[str, Connection] = getattr(self._batch, "connections", {})
        if shard in open_connections:
            return nullcontext(open_connections[shard])
        return super()._connect(shard)

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        engine = create_engine(
            self.conn_string_for_shard(shard), poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}
        )
        with engine.begin() as connection:
            yield connection
        engine.dispose()
