"""Staged rows into Parquet partitions: in parallel, and yet always in the same order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb

from clientele.settings import Settings
from clientele.sql import literal

_SHARD_ROWS = 10_000
"""Small days are written together up to so many rows, larger ones by themselves: each is cheaper there."""


def copies(rows: str, line: str, counts: Mapping[date, int], folder: Path) -> list[str]:
    """Statements that write the rows of all days as hive partitions.

    Args:
        rows: Query of the rows, with ``business_date`` and ``file_id``.
        line: Column that orders the rows of a file.
        counts: Rows of each date in the order of the dates; dates without rows get no partition.
        folder: Where the partitions go.

    Returns:
        Statements for ``run_all``.
    """
    folder.mkdir(exist_ok=True)
    shards: list[list[date]] = []
    size = _SHARD_ROWS
    for day, count in counts.items():
        if count and size + count > _SHARD_ROWS:
            shards.append([])
            size = 0
        if count:
            shards[-1].append(day)
            size += count
    return [_copy(rows, line, days, folder) for days in shards]


def _copy(rows: str, line: str, days: Sequence[date], folder: Path) -> str:
    within = f"business_date between date '{days[0]}' and date '{days[-1]}'"
    ordered = f"from ({rows}) where {within} order by file_id, {line}"
    options = "format parquet, compression zstd"
    if len(days) > 1:
        options += ", partition_by (business_date), overwrite_or_ignore"
        return f"copy (select * exclude (file_id) {ordered}) to {literal(str(folder))} ({options})"
    target = folder / f"business_date={days[0]}" / "rows.parquet"
    target.parent.mkdir()
    return f"copy (select * exclude (file_id, business_date) {ordered}) to {literal(str(target))} ({options})"


def run_all(engine: duckdb.DuckDBPyConnection, settings: Settings, statements: Sequence[str]) -> None:
    """Run the statements, as many at a time as there are threads."""
    # One thread per statement and several statements at a time: more threads in one statement would
    # write the rows of a day in an order that changes from run to run.
    engine.execute("set threads = 1")
    with ThreadPoolExecutor(settings.threads) as pool:
        list(pool.map(lambda statement: engine.cursor().execute(statement), statements))
    engine.execute(f"set threads = {settings.threads}")
