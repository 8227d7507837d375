"""Dagster's own SQLite event log, with connections that stay open and batches in one transaction.

A run over two years of business dates reports one event per entity and date, and dbt one per model and
test. Dagster's SQLite storage opens a new engine and connection for each of them and commits twice, which
takes longer than the models do (D-09). Tables, files and every statement remain Dagster's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dagster import EventLogEntry
from dagster._core.events import ASSET_EVENTS
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.engine import Connection

BUSY_SECONDS = 30


class BatchedSqliteEventLogStorage(SqliteEventLogStorage):
    """Keeps one engine per database file, and stores a batch of events with one commit per file."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._engines_lock = threading.Lock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> BatchedSqliteEventLogStorage:
        """Build the storage from ``dagster.yaml``."""
        return cls(inst_data=inst_data, **config_value)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run together: one statement per table instead of four per event."""
        if not all(entry.dagster_event_type in ASSET_EVENTS for entry in events):
            super().store_event_batch(events)
            return
        rows = [self._event_to_row(entry) for entry in events]
        with self.run_connection(events[0].run_id) as connection:
            connection.execute(SqlEventLogStorageTable.insert(), rows)
        with self.index_connection() as connection:
            insert = SqlEventLogStorageTable.insert().returning(
                SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
            )
            ids = connection.scalars(insert, rows).all()
            self._store_asset_event_tags(connection, events, ids)
            # An asset's row holds its latest event of each type, so earlier ones need not be written.
            latest = {
                (entry.dagster_event.asset_key, entry.dagster_event_type): (entry, event_id)
                for entry, event_id in zip(events, ids, strict=True)
                if entry.dagster_event
            }
            for entry, event_id in latest.values():
                self._store_asset_event(connection, entry, event_id)

    def has_table(self, table_name: str) -> bool:
        """Whether a table exists; asked for every batch, so not with an engine of its own."""
        with self._engine(INDEX_SHARD_NAME).connect() as connection:
            return inspect(connection).has_table(table_name)

    def dispose(self) -> None:
        """Close all connections."""
        for engine in self._engines.values():
            engine.dispose()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
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
