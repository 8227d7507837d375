"""Whole days in batches of bounded size: streamed through the engine once, judged, written and moved in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration import lake
from orchestration.lake import FileAudit
from orchestration.loading import healing, writing
from orchestration.loading.judging import known_keys, references, repeats, staging
from orchestration.loading.landing import Delivery
from orchestration.loading.parcels import Parcel, feed
from orchestration.loading.reading import streams

BATCH_BYTES = 256 << 20
"""Text of the days that are staged together, as estimated from file sizes."""
_INFLATED = {".gz": 8, ".parquet": 5}


def batches(todo: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """Deliveries that are staged together; each delivery stays whole."""
    batch: list[Delivery] = []
    size = 0
    for delivery in todo:
        paths = [delivery.folder / name for name in delivery.files]
        # A file that has vanished is refused where it is opened.
        text = sum(path.stat().st_size * _INFLATED.get(path.suffix, 1) for path in paths if path.exists())
        if batch and size + text > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(delivery)
        size += text
    if batch:
        yield batch


def stage(engine: duckdb.DuckDBPyConnection, contract: Contract, parcels: Sequence[Parcel]) -> None:
    """Stream the files of a batch into the table ``staged``; refused deliveries are removed from it again."""
    files = [file for parcel in parcels for file in parcel.files]
    for number, file in enumerate(files):
        file.number = number
    names = pa.table({"file_id": range(len(files)), "file": [file.source.path.name for file in files]})
    schema = streams.stream_schema(len(contract.columns))
    engine.register("file_names", names)
    engine.execute(
        "create or replace table files as select file_id::integer as file_id, file from file_names"
    )
    engine.register("delivered", pa.RecordBatchReader.from_batches(schema, feed(parcels)))
    engine.execute(f"create or replace table staged as {staging.staged(contract, 'delivered')}")
    engine.unregister("delivered")
    for parcel in parcels:
        if parcel.problems:
            engine.execute("delete from staged where business_date = ?", [parcel.day])


def judge(
    engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, known: Mapping[str, str]
) -> None:
    """Reject staged rows because of other rows: unknown references, repeated keys."""
    for column, _, _ in contract.references:
        engine.execute(references.mark_unknown(column, known[column.name], contract.mode == "delta"))
    engine.execute(repeats.find_repeats(contract))
    if contract.row_kind == "event":
        engine.execute(repeats.find_delivered(contract, known_keys.rows(settings, "raw", contract.name)))
        days = engine.execute("select distinct business_date::varchar from delivered_keys").fetchall()
        held = known_keys.rows(settings, "raw", contract.name, {day for (day,) in days})
        engine.execute(repeats.fetch_delivered(contract, held))
        engine.execute(repeats.repeat_delivered(contract))
    if engine.execute("from repeats limit 1").fetchall():
        engine.execute(repeats.mark_repeated(contract))
        if contract.row_kind == "event":
            engine.execute(repeats.mark_delivered(contract))


def finish(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    parcels: Sequence[Parcel],
    prepared: Path,
) -> list[FileAudit]:
    """Write what was staged as partitions and commit each of its dates.

    Returns:
        The audit of every file.
    """
    counted = engine.execute(
        "select file_id, count(*) filter (reason is null), count(reason) from staged group by all"
    ).fetchall()
    counts = {number: (loaded, rejected) for number, loaded, rejected in counted}
    audits = {parcel.day: parcel.audits(counts) for parcel in parcels if not parcel.problems}
    loaded = {day: sum(audit.loaded for audit in entries) for day, entries in audits.items()}
    rejected = {day: sum(audit.rejected for audit in entries) for day, entries in audits.items()}
    waiting = dict.fromkeys(audits, 0) | dict(
        engine.execute(
            "select business_date, count(*) from staged where waits_for is not null group by all order by all"
        ).fetchall()
    )
    statements = [
        *writing.copies(staging.loaded_rows(contract), "source_line", loaded, prepared / "raw"),
        *writing.copies(staging.rejected_rows(contract), "line", rejected, prepared / "rejects"),
        *writing.copies(staging.waiting_rows(contract), "source_line", waiting, prepared / "waiting"),
    ]
    writing.run_all(engine, settings, statements)
    for day, entries in audits.items():
        healing.commit(engine, settings, contract, day, entries, prepared)
        lake.close_refusal(settings, contract.name, day)
    return [audit for entries in audits.values() for audit in entries]
