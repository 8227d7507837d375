"""Dagster's own SQLite event log, with connections that stay open and batches in one transaction.

A run over two years of business dates reports one event per entity and date, and dbt one per model and
test. Dagster's SQLite storage opens a new engine and connection for each of them and commits twice, which
takes longer than the models do (D-09). Tables, files and every statement remain Dagster's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection

BUSY_SECONDS = 30


class BatchedSqliteEventLogStorage(SqliteEventLogStorage):
    """Keeps one engine per database file, and stores a batch of events with one commit per file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
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
        shards = sorted({event.run_id for event in events} | {INDEX_SHARD_NAME})
        with ExitStack() as stack:
            self._batch.connections = {shard: stack.enter_context(self._connect(shard)) for shard in shards}
            try:
                for entry in events:
                    self.store_event(entry)
            finally:
                del self._batch.connections

    def dispose(self) -> None:
        """Close all connections."""
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        in_batch: dict[str, Connection] = getattr(self._batch, "connections", {})
        if shard in in_batch:
            yield in_batch[shard]
            return
        with self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        with self._engines_lock:
            if shard not in self._engines:
                engine = create_engine(
                    self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_SECONDS}
                )
                event.listen(engine, "connect", _sync_at_checkpoints)
                self._initdb(engine, for_index_shard=shard == INDEX_SHARD_NAME)
                self._engines[shard] = engine
            return self._engines[shard]


def _sync_at_checkpoints(connection: Any, _record: Any) -> None:
    # With write-ahead logging a power cut may lose the last events, never the file.
    connection.execute("pragma synchronous = normal")
