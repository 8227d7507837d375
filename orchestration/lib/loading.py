"""Deliveries into the lake: typed rows, rejects with their reasons, and an audit of every file.

Whole days are loaded in batches of bounded size. A batch is streamed through the engine once, judged,
written beside the lake and then moved in day by day; nothing that was loaded before is lost. What a day
holds follows from the deliveries up to it, in whatever order they arrive: days that were judged among
other deliveries than those that are there now are judged again (D-34).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.lib import (
    checks,
    healing,
    known_keys,
    lake,
    lake_check,
    landing,
    sources,
    verdicts,
    writing,
)
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
        healed: Rows of earlier deliveries that were accepted now.
        stuck: Dates that would be judged otherwise today, and whose delivery is not there any more.
    """

    entity: str
    audits: tuple[FileAudit, ...] = ()
    refused: tuple[Refusal, ...] = ()
    unchanged: tuple[date, ...] = ()
    absent: tuple[date, ...] = ()
    healed: int = 0
    stuck: tuple[date, ...] = ()

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
    built: Collection[date] = (),
    is_rebuild: bool = False,
) -> LoadResult:
    """Load the deliveries of one entity, and judge again what other deliveries have changed.

    Parents must have been loaded before: references are checked against what the lake holds of them.

    Args:
        settings: Where landing and lake are, and how many threads may work.
        contract: The contract of the entity.
        dates: Business dates to load; those already in the lake with the same content stay untouched.
        contracts: All contracts, for the references.
        progress: Called with a line of text after each batch.
        built: Business dates whose delivery the warehouse was built from; the lake must hold them.
        is_rebuild: The whole lake is about to be read again, so it is held against its audit first.

    Returns:
        Audits, refusals and dates without work. A refusal is not an exception: the caller decides.

    Raises:
        LakeError: Part of the lake is missing or changed, and its delivery is gone.
        LoadError: A file's lines are not its loaded plus its rejected rows.
    """
    entity = contract.name
    parents = {parent for _, parent, _ in contract.references}
    ensure_schemas(settings, {name: contracts[name] for name in (entity, *sorted(parents))})
    lake.settle(settings, entity)
    delivered = {item.business_date: item for item in landing.deliveries(settings, contract)}
    for day in lake.refused_dates(settings, entity) - set(delivered):
        lake.close_refusal(settings, entity, day)
    lost = _lost(settings, entity, built, is_rebuild, delivered, progress)
    wanted = sorted({*dates, *lost})
    loaded = lake.committed(settings, entity)
    unchanged = [day for day in wanted if day in delivered and landing.is_loaded(delivered[day], loaded)]
    for day in unchanged:
        lake.close_refusal(settings, entity, day)
        lake.resign(settings, entity, day, delivered[day].signature)
    todo = [delivered[day] for day in wanted if day in delivered and day not in unchanged]
    done = _Load(settings, contract, delivered, progress)
    if todo or verdicts.last(settings, contract) != verdicts.current(settings, contract):
        done.run(todo)
    return LoadResult(
        entity=entity,
        audits=tuple(done.audits.values()),
        refused=tuple(done.refused),
        unchanged=tuple(unchanged),
        absent=tuple(day for day in wanted if day not in delivered),
        healed=done.healed,
        stuck=tuple(sorted(done.stuck)),
    )


def _lost(
    settings: Settings,
    entity: str,
    built: Collection[date],
    is_rebuild: bool,
    delivered: Mapping[date, Delivery],
    progress: Callable[[str], None],
) -> list[date]:
    """Dates to load again, since the lake does not hold them any more as it should."""
    held = lake.committed(settings, entity)
    reasons = {day: f"the lake holds no {entity} of {day} any more" for day in built if day not in held}
    if is_rebuild:
        reasons |= lake_check.damage(settings, entity)
    gone = [
        reason
        for day, reason in sorted(reasons.items())
        if day not in delivered and (day not in held or held[day].content != lake.NOTHING)
    ]
    if gone:
        raise lake_check.LakeError(
            "\n".join(gone) + f"\nIts delivery is not in landing/{entity}/ or archive/{entity}/ either. "
            "Put the delivery or the file back, then run the refresh again"
        )
    for day, reason in sorted(reasons.items()):
        progress(f"{reason}: loaded again from its delivery")
        lake.set_aside(settings, entity, day)
    return [day for day in reasons if day in delivered]


class _Load:
    """One load of an entity, until no verdict is open."""

    def __init__(
        self,
        settings: Settings,
        contract: Contract,
        delivered: Mapping[date, Delivery],
        progress: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._contract = contract
        self._delivered = delivered
        self._progress = progress
        self.audits: dict[tuple[date, str], FileAudit] = {}
        self.refused: list[Refusal] = []
        self.stuck: set[date] = set()
        self.healed = 0

    def run(self, todo: Sequence[Delivery]) -> None:
        """Load deliveries, then those whose verdicts they change, until every verdict is right.

        Each round settles at least the earliest date that was open, so there are fewer rounds than dates.
        """
        settings, contract = self._settings, self._contract
        before = verdicts.last(settings, contract)
        prepared = lake.incoming(settings, contract.name)
        with _engine(settings, prepared) as engine:
            known = verdicts.know(engine, settings, contract)
            while True:
                self._load(engine, known, prepared, todo)
                if contract.mode == "delta" and contract.references:
                    self.healed += healing.heal(engine, settings, contract, known, prepared, self._progress)
                now = verdicts.current(settings, contract)
                open_dates = verdicts.misjudged(engine, settings, contract, known, before, now) - self.stuck
                again = [self._delivered[day] for day in sorted(open_dates) if day in self._delivered]
                self.stuck |= open_dates - set(self._delivered)
                if not again:
                    break
                self._progress(_judged_again(contract, again))
                todo, before = again, now
        verdicts.remember(settings, contract, now)
        shutil.rmtree(settings.lake / lake.INCOMING)

    def _load(
        self,
        engine: duckdb.DuckDBPyConnection,
        known: Mapping[str, str],
        prepared: Path,
        todo: Sequence[Delivery],
    ) -> None:
        settings, contract = self._settings, self._contract
        forbidden = forbidden_terms()
        for batch in _batches(todo):
            started = time.monotonic()
            parcels = [inspected(delivery, contract, forbidden) for delivery in batch]
            _stage(engine, contract, parcels)
            _judge(engine, settings, contract, known)
            done = _finish(engine, settings, contract, parcels, prepared)
            self.audits |= {(audit.business_date, audit.file): audit for audit in done}
            for refusals in filter(None, (parcel.refusals() for parcel in parcels)):
                lake.refuse(settings, refusals)
                self.refused += refusals
                # What was loaded for its date before stays, whatever would be said of it today.
                self.stuck.add(refusals[0].business_date)
            self._progress(_summary(contract, batch, done, time.monotonic() - started))


@contextmanager
def _engine(settings: Settings, prepared: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": settings.threads,
        "memory_limit": f"{min(MEMORY_GB, settings.memory_limit_gb)}GiB",
        "temp_directory": str(prepared / "spill"),
    }
    with duckdb.connect(":memory:", config=config) as engine:
        yield engine


def _batches(todo: Sequence[Delivery]) -> Iterator[list[Delivery]]:
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
    engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, known: Mapping[str, str]
) -> None:
    for column, _, _ in contract.references:
        engine.execute(checks.mark_unknown(column, known[column.name], contract.mode == "delta"))
    engine.execute(checks.find_repeats(contract))
    if contract.row_kind == "event":
        engine.execute(checks.find_delivered(contract, known_keys.rows(settings, "raw", contract.name)))
        days = engine.execute("select distinct business_date::varchar from delivered_keys").fetchall()
        held = known_keys.rows(settings, "raw", contract.name, {day for (day,) in days})
        engine.execute(checks.fetch_delivered(contract, held))
        engine.execute(checks.repeat_delivered(contract))
    if engine.execute("from repeats limit 1").fetchall():
        engine.execute(checks.mark_duplicates(contract))
        if contract.row_kind == "event":
            engine.execute(checks.mark_delivered(contract))


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
    waiting = dict.fromkeys(audits, 0) | dict(
        engine.execute(
            "select business_date, count(*) from staged where waits_for is not null group by all order by all"
        ).fetchall()
    )
    statements = [
        *writing.copies(checks.loaded_rows(contract), "source_line", loaded, prepared / "raw"),
        *writing.copies(checks.rejected_rows(contract), "line", rejected, prepared / "rejects"),
        *writing.copies(checks.waiting_rows(contract), "source_line", waiting, prepared / "waiting"),
    ]
    writing.run_all(engine, settings, statements)
    for day, entries in audits.items():
        healing.commit(engine, settings, contract, day, entries, prepared)
        lake.close_refusal(settings, contract.name, day)
    return [audit for entries in audits.values() for audit in entries]


def _judged_again(contract: Contract, again: Sequence[Delivery]) -> str:
    days = ", ".join(str(delivery.business_date) for delivery in again[:3])
    more = f" and {len(again) - 3} more" if len(again) > 3 else ""
    return f"{contract.name} {days}{more}: judged again, since other deliveries have changed what is known"


def _summary(contract: Contract, batch: Sequence[Delivery], done: Sequence[FileAudit], seconds: float) -> str:
    lines = sum(audit.lines for audit in done)
    rejected = sum(audit.rejected for audit in done)
    days = f"{batch[0].business_date} … {batch[-1].business_date}"
    return (
        f"{contract.name} {days}: {lines:,} lines, {lines - rejected:,} loaded, {rejected:,} rejected, "
        f"{seconds:.1f} s, {lines / max(seconds, 0.001):,.0f} lines/s"
    )
