"""One load of an entity: its deliveries, and then those whose verdicts they change, until none is open."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration import lake
from orchestration.lake import FileAudit, Refusal
from orchestration.loading import batches, healing
from orchestration.loading.judging import references, verdicts
from orchestration.loading.landing import Delivery
from orchestration.loading.parcels import inspected
from orchestration.loading.reading.headers import ForbiddenTerms, TotalWords

MEMORY_GB = 2
"""Most that the engine keeps in memory; a larger day spills to disk."""


class Rounds:
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
            known = references.know(engine, settings, contract)
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
        forbidden, totals = ForbiddenTerms(), TotalWords()
        for batch in batches.batches(todo):
            started = time.monotonic()
            parcels = [inspected(delivery, contract, forbidden, totals) for delivery in batch]
            batches.stage(engine, contract, parcels)
            batches.judge(engine, settings, contract, known)
            done = batches.finish(engine, settings, contract, parcels, prepared)
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
