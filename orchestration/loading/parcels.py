"""A delivery on its way into the lake, with everything that was found wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from clientele.contracts import Contract
from orchestration.lake import FileAudit, Refusal
from orchestration.loading import landing
from orchestration.loading.landing import CONTROL, Delivery
from orchestration.loading.reading import streams
from orchestration.loading.reading.headers import ForbiddenTerms, RefusedError, TotalWords
from orchestration.loading.reading.inspection import Source, inspect


class LoadError(RuntimeError):
    """Lines were lost or added on the way."""


@dataclass
class File:
    """A file on its way: what was found in it, and under which number its rows are staged."""

    number: int
    source: Source
    tally: streams.Tally = field(default_factory=streams.Tally)


@dataclass
class Parcel:
    """A delivery on its way."""

    delivery: Delivery
    files: list[File] = field(default_factory=list)
    problems: list[tuple[str, RefusedError]] = field(default_factory=list)

    @property
    def day(self) -> date:
        """The business date."""
        return self.delivery.business_date

    @property
    def version(self) -> str:
        """Content version; files that were not read to their end are read for it."""
        known = {file.source.path.name: file.tally.sha256 for file in self.files if file.tally.sha256}
        return landing.version(self.delivery, known)

    def refusals(self) -> list[Refusal]:
        """The problems, for the record; empty when the delivery may be loaded."""
        version = self.version if self.problems else ""
        return [
            Refusal(
                entity=self.delivery.entity,
                business_date=self.day,
                file=os.fsencode(name).decode("utf-8", "backslashreplace"),
                column_name=error.column,
                reason=str(error),
                delivery_version=version,
            )
            for name, error in self.problems
        ]

    def audits(self, counts: Mapping[int, tuple[int, int]]) -> list[FileAudit]:
        """Account for every line of every file.

        Args:
            counts: Loaded and rejected rows by file number.

        Returns:
            One audit per file.

        Raises:
            LoadError: The lines of a file are not its loaded plus its rejected rows.
        """
        version = self.version
        audits = []
        for file in self.files:
            loaded, rejected = counts.get(file.number, (0, 0))
            lines = file.tally.lines
            if lines != loaded + rejected:
                raise LoadError(
                    f"{file.source.path}: {lines} lines, but {loaded} loaded and {rejected} rejected rows; "
                    "nothing of its batch was loaded. "
                    "This is a defect of the loader: keep the file, report it"
                )
            audits.append(
                FileAudit(
                    entity=self.delivery.entity,
                    business_date=self.day,
                    file=file.source.path.name,
                    file_sha256=file.tally.sha256,
                    lines=lines,
                    loaded=loaded,
                    rejected=rejected,
                    extra_columns=",".join(file.source.extra),
                    missing_columns=",".join(file.source.missing),
                    delivery_version=version,
                    delivery_signature=self.delivery.signature,
                    status="loaded" if lines else "empty",
                )
            )
        return audits


def inspected(
    delivery: Delivery, contract: Contract, forbidden: ForbiddenTerms, totals: TotalWords
) -> Parcel:
    """Look at every file of a delivery and collect all problems, not only the first."""
    parcel, terms = Parcel(delivery), forbidden.on(delivery.business_date)
    words = totals.on(delivery.business_date)
    for control in delivery.controls:
        if control.removesuffix(CONTROL) not in delivery.files:
            parcel.problems.append((control, RefusedError("the file it controls was not delivered")))
    for name in delivery.files:
        try:
            if not name.isprintable():
                raise RefusedError("a name that is not text; rename the file")
            source = inspect(delivery.folder / name, contract, terms, words)
        except RefusedError as error:
            parcel.problems.append((name, error))
        else:
            parcel.files.append(File(0, source))
    return parcel


def feed(parcels: Sequence[Parcel]) -> Iterator[pa.RecordBatch]:
    """Stream the files of all deliveries; one that turns out unreadable becomes a problem of its delivery."""
    for parcel in parcels:
        for file in parcel.files:
            if parcel.problems:
                break
            try:
                yield from streams.stream(file.source, file.number, parcel.day, file.tally)
            except RefusedError as error:
                parcel.problems.append((file.source.path.name, error))
