"""Deliveries into the lake: typed rows, rejects with their reasons, and an audit of every file.

Whole days are loaded in batches of bounded size. A batch is streamed through the engine once, judged,
written beside the lake and then moved in day by day; nothing that was loaded before is lost.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.lib import checks, lake, landing, sources, writing
from orchestration.lib.contracts import Contract
from orchestration.lib.inspection import forbidden_terms
from orchestration.lib.lake import FileAudit, Refusal, ensure_schemas
from orchestration.lib.landing import Delivery
from orchestration.lib.parcels import LoadError, Parcel, feed, inspected
from orchestration.settings import Settings

__all__ = ["FileAudit", "LoadError", "LoadResult", "Refusal", "ensure_schemas", "load"]

BATCH_BYTES = 256 << 20
"""Text of the days that are staged together, as estimated from file sizes."""
MEMORY_GB = 2
"""Most that the engine keeps in memory; a larger day spills to disk."""
_INFLATED = {".gz": 8, ".parquet": 5}


@dataclass(frozen=True)
class LoadResult:
    """What a load did.

    Attributes:
        entity: The entity.
        audits: One entry per file of each date that was loaded.
        refused: Why deliveries were refused; their dates keep what they held before.
        unchanged: Dates whose delivery was in the lake already.
        absent: Dates for which nothing was delivered.
    """

    entity: str
    audits: tuple[FileAudit, ...] = ()
    refused: tuple[Refusal, ...] = ()
    unchanged: tuple[date, ...] = ()
    absent: tuple[date, ...] = ()

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates that were loaded."""
        return tuple(sorted({audit.business_date for audit in self.audits}))

    @property
    def lines(self) -> int:
        """Records delivered."""
        return sum(audit.lines for audit in self.audits)

    @property
    def loaded(self) -> int:
        """Rows loaded."""
        return sum(audit.loaded for audit in self.audits)

    @property
    def rejected(self) -> int:
        """Records rejected."""
        return sum(audit.rejected for audit in self.audits)


def load(
    settings: Settings,
    contract: Contract,
    dates: Iterable[date],
    contracts: Mapping[str, Contract],
    progress: Callable[[str], None] = print,
) -> LoadResult:
    """Load the deliveries of one entity.

    Parents must have been loaded before: references are checked against what the lake holds of them.

    Args:
        settings: Where landing and lake are, and how many threads may work.
        contract: The contract of the entity.
        dates: Business dates to load; those already in the lake with the same content stay untouched.
        contracts: All contracts, for the references.
        progress: Called with a line of text after each batch.

    Returns:
        Audits, refusals and dates without work. A refusal is not an exception: the caller decides.

    Raises:
        LoadError: A file's lines are not its loaded plus its rejected rows.
    """
    entity = contract.name
    ensure_schemas(settings, contracts)
    lake.settle(settings, entity)
    delivered = {item.business_date: item for item in landing.deliveries(settings.landing, contract)}
    for day in lake.refused_dates(settings, entity) - set(delivered):
        lake.close_refusal(settings, entity, day)
    wanted = sorted(set(dates))
    loaded = lake.committed(settings, entity)
    unchanged = [day for day in wanted if day in delivered and landing.is_loaded(delivered[day], loaded)]
    for day in unchanged:
        lake.close_refusal(settings, entity, day)
    todo = [delivered[day] for day in wanted if day in delivered and day not in unchanged]
    audits, refused = _load(settings, contract, todo, progress) if todo else ([], [])
    return LoadResult(
        entity=entity,
        audits=tuple(audits),
        refused=tuple(refused),
        unchanged=tuple(unchanged),
        absent=tuple(day for day in wanted if day not in delivered),
    )


def _load(
    settings: Settings, contract: Contract, todo: Sequence[Delivery], progress: Callable[[str], None]
) -> tuple[list[FileAudit], list[Refusal]]:
    audits: list[FileAudit] = []
    refused: list[Refusal] = []
    forbidden = forbidden_terms()
    prepared = lake.incoming(settings, contract.name)
    with _engine(settings, prepared) as engine:
        known = _known_keys(engine, settings, contract, todo[-1].business_date)
        for batch in _batches(todo):
            started = time.monotonic()
            parcels = [inspected(delivery, contract, forbidden) for delivery in batch]
            _stage(engine, contract, parcels)
            _judge(engine, contract, known)
            done = _finish(engine, settings, contract, parcels, prepared)
            audits += done
            for refusals in filter(None, (parcel.refusals() for parcel in parcels)):
                lake.refuse(settings, refusals)
                refused += refusals
            progress(_summary(contract, batch, done, time.monotonic() - started))
    shutil.rmtree(prepared)
    return audits, refused


@contextmanager
def _engine(settings: Settings, prepared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": settings.threads,
        "memory_limit": f"{min(MEMORY_GB, settings.memory_limit_gb)}GiB",
        "temp_directory": str(prepared / "spill"),
    }
    with duckdb.connect(":memory:", config=config) as engine:
        yield engine


def _known_keys(
    engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, last: date
) -> dict[tuple[str, str], str]:
    tables: dict[tuple[str, str], str] = {}
    for _, entity, target in contract.references:
        if (entity, target) not in tables:
            tables[entity, target] = table = f"known_{len(tables)}"
            files = checks.literal(str(settings.lake / "raw" / entity / "*" / "*.parquet"))
            engine.execute(f"""
                create table {table} as
                select {checks.name(target)} as key, min(business_date) as since
                from read_parquet({files}, hive_partitioning = true, hive_types = {{business_date: date}})
                where business_date <= date '{last}' and key is not null
                group by all
            """)
    return tables


def _batches(todo: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    batch: list[Delivery] = []
    size = 0
    for delivery in todo:
        paths = [delivery.folder / name for name in delivery.files]
        text = sum(path.stat().st_size * _INFLATED.get(path.suffix, 1) for path in paths)
        if batch and size + text > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(delivery)
        size += text
    yield batch


def _stage(engine: duckdb.DuckDBPyConnection, contract: Contract, parcels: Sequence[Parcel]) -> None:
    files = [file for parcel in parcels for file in parcel.files]
    for number, file in enumerate(files):
        file.number = number
    names = pa.table({"file_id": range(len(files)), "file": [file.source.path.name for file in files]})
    schema = sources.stream_schema(len(contract.columns))
    engine.register("file_names", names)
    engine.execute(
        "create or replace table files as select file_id::integer as file_id, file from file_names"
    )
    engine.register("delivered", pa.RecordBatchReader.from_batches(schema, feed(parcels)))
    engine.execute(f"create or replace table staged as {checks.staged(contract, 'delivered')}")
    engine.unregister("delivered")
    for parcel in parcels:
        if parcel.problems:
            engine.execute("delete from staged where business_date = ?", [parcel.day])


def _judge(
    engine: duckdb.DuckDBPyConnection, contract: Contract, known: Mapping[tuple[str, str], str]
) -> None:
    for column, entity, target in contract.references:
        engine.execute(checks.mark_unknown(column, known[entity, target]))
    engine.execute(checks.find_repeats(contract))
    if engine.execute("from repeats limit 1").fetchall():
        engine.execute(checks.mark_duplicates(contract))


def _finish(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    parcels: Sequence[Parcel],
    prepared: Path,
) -> list[FileAudit]:
    counted = engine.execute(
        "select file_id, count(*) filter (reason is null), count(reason) from staged group by all"
    ).fetchall()
    counts = {number: (loaded, rejected) for number, loaded, rejected in counted}
    audits = {parcel.day: parcel.audits(counts) for parcel in parcels if not parcel.problems}
    loaded = {day: sum(audit.loaded for audit in entries) for day, entries in audits.items()}
    rejected = {day: sum(audit.rejected for audit in entries) for day, entries in audits.items()}
    done = [audit for entries in audits.values() for audit in entries]
    files = {day: len(entries) for day, entries in audits.items()}
    _stage_audits(engine, done)
    statements = [
        *writing.copies(checks.loaded_rows(contract), "source_line", loaded, prepared / "raw"),
        *writing.copies(checks.rejected_rows(contract), "line", rejected, prepared / "rejects"),
        *writing.copies("from audits", "file", files, prepared / "audit"),
    ]
    writing.run_all(engine, settings, statements)
    for day, entries in audits.items():
        lake.commit(settings, entries[0], prepared)
        lake.close_refusal(settings, contract.name, day)
    return done


def _stage_audits(engine: duckdb.DuckDBPyConnection, audits: Sequence[FileAudit]) -> None:
    schema = lake.AUDIT.append(pa.field("business_date", pa.date32()))
    engine.register("audit_rows", pa.Table.from_pylist([asdict(audit) for audit in audits], schema=schema))
    engine.execute("create or replace table audits as select 0 as file_id, * from audit_rows")
    engine.unregister("audit_rows")


def _summary(contract: Contract, batch: Sequence[Delivery], done: Sequence[FileAudit], seconds: float) -> str:
    lines = sum(audit.lines for audit in done)
    rejected = sum(audit.rejected for audit in done)
    days = f"{batch[0].business_date} … {batch[-1].business_date}"
    return (
        f"{contract.name} {days}: {lines:,} lines, {lines - rejected:,} loaded, {rejected:,} rejected, "
        f"{seconds:.1f} s, {lines / max(seconds, 0.001):,.0f} lines/s"
    )
