"""The folders of partitions, and how a partition is replaced without a gap.

Every partition holds files named ``<version>….parquet`` after what they hold. The audit partition is the
commit mark: it leaves first when a partition is superseded and arrives last, so a process that is killed
anywhere leaves a date either committed or visibly unfinished.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from clientele import lake_folders
from clientele.checksums import file_sha256
from clientele.lake_folders import PREFIX, SCHEMA_DATE, label
from clientele.settings import Settings
from orchestration.lake.schemas import REFUSALS, Refusal, write

SHORT = 12
"""Hexadecimal digits of versions and signatures in file names."""
NOTHING = "0" * SHORT
"""Stands in a file name for the delivery of a date on which only rows of earlier days were accepted."""
INCOMING = "_incoming"
HEALED = "-healed.parquet"
"""Ends the name of a file with rows of earlier deliveries, which had waited for what they refer to (D-34)."""
PARTS = ("raw", "rejects", "waiting")
"""What a committed partition consists of, besides its audit."""


@dataclass(frozen=True)
class Committed:
    """What a partition holds, as its audit file is named: ``SHORT`` hexadecimal digits each.

    Attributes:
        version: Of everything in it; differs when a row is accepted or rejected otherwise than before.
        signature: Names, sizes and times of the delivered files, ``NOTHING`` without a delivery.
        content: Content of the delivered files, ``NOTHING`` without a delivery.
        healed: Rows of earlier deliveries in it; empty without any.
    """

    version: str
    signature: str
    content: str
    healed: str = ""

    @property
    def stem(self) -> str:
        """Name of the audit file, without its ending."""
        return "-".join(filter(None, (self.version, self.signature, self.content, self.healed)))


def partition(settings: Settings, kind: str, entity: str, day: date) -> Path:
    """The folder of one partition; ``kind`` is raw, rejects, waiting, audit or refusals."""
    return lake_folders.partition(settings.lake, kind, entity, day)


def partitions(settings: Settings, kind: str, entity: str) -> list[date]:
    """The dates for which the lake holds a partition, without the schema partition.

    A folder that somebody has emptied holds none.
    """
    return list(_stems(settings, kind, entity))


def committed(settings: Settings, entity: str) -> dict[date, Committed]:
    """What each date of an entity holds, read from file names alone."""
    return {day: _parsed(stem) for day, stem in _stems(settings, "audit", entity).items()}


def refused_dates(settings: Settings, entity: str) -> set[date]:
    """The dates whose latest delivery was refused."""
    return set(partitions(settings, "refusals", entity))


def incoming(settings: Settings, entity: str) -> Path:
    """An empty folder in which to prepare partitions; what a killed run left in it is discarded."""
    folder = settings.lake / INCOMING / entity
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def commit(settings: Settings, entity: str, day: date, held: Committed, prepared: Path) -> None:
    """Replace one date of an entity by prepared partitions; what was there moves to ``superseded``.

    Args:
        settings: Where the lake is.
        entity: The entity.
        day: Its business date.
        held: What the prepared partition holds.
        prepared: Incoming folder with the partitions of that date, named by ``name_prepared``.
    """
    withdraw(settings, entity, day)
    for kind in (*PARTS, "audit"):
        move(prepared / kind / label(day), partition(settings, kind, entity, day))


def withdraw(settings: Settings, entity: str, day: date) -> None:
    """Move what a date of an entity holds to ``superseded``."""
    audit = partition(settings, "audit", entity, day)
    if audit.exists():
        old = _superseded(settings, entity, day, _committed(audit).version)
        for kind in ("audit", *PARTS):
            move(partition(settings, kind, entity, day), old / kind)


def set_aside(settings: Settings, entity: str, day: date) -> None:
    """Move a damaged partition out of the way, for a look."""
    for kind in ("audit", *PARTS):
        folder = partition(settings, kind, entity, day)
        if folder.exists():
            move(folder, settings.lake / "damaged" / entity / label(day) / kind)


def name_prepared(prepared: Path, day: date, held: Committed) -> None:
    """Give the files of a prepared partition the names under which it is committed."""
    for kind in PARTS:
        folder = prepared / kind / label(day)
        for ending in (HEALED, ".parquet"):
            names = [name for name in _files(folder) if name.endswith(HEALED) == (ending == HEALED)]
            for number, name in enumerate(names):
                suffix = f"-{number}" if number else ""
                (folder / name).rename(folder / f"{held.version}{suffix}{ending}")


def resign(settings: Settings, entity: str, day: date, signature: str) -> None:
    """Remember new times of a delivery whose content is in the lake, so that it need not be read again."""
    folder = partition(settings, "audit", entity, day)
    renamed = replace(_committed(folder), signature=signature[:SHORT])
    if renamed.stem != _stem(folder):
        (folder / f"{_stem(folder)}.parquet").rename(folder / f"{renamed.stem}.parquet")


def settle(settings: Settings, entity: str) -> None:
    """Finish what a killed run left: rows without their audit are superseded or were never committed."""
    done = set(partitions(settings, "audit", entity))
    for kind in PARTS:
        for day in set(partitions(settings, kind, entity)) - done:
            left = partition(settings, kind, entity, day)
            old = _superseded(settings, entity, day, _stem(left)[:SHORT])
            if (old / "audit").exists():
                move(left, old / kind)
            else:
                shutil.rmtree(left)


def checksum(folders: Mapping[str, Path]) -> str:
    """A checksum of the files of a partition, whatever they are called.

    Args:
        folders: The folder of each of ``PARTS``; one that is absent counts as empty.

    Returns:
        Hexadecimal SHA-256.
    """
    total = hashlib.sha256()
    for kind in PARTS:
        for name in _files(folders[kind]):
            total.update(f"{kind} {file_sha256(folders[kind] / name)}\n".encode())
    return total.hexdigest()


def refuse(settings: Settings, refusals: list[Refusal]) -> None:
    """Record a refused delivery; what was loaded for its date before stays."""
    first = refusals[0]
    prepared = settings.lake / INCOMING / first.entity / "refusal"
    name = f"{first.delivery_version[:SHORT]}.parquet"
    write(prepared / name, REFUSALS, [asdict(item) for item in refusals])
    move(prepared, partition(settings, "refusals", first.entity, first.business_date))


def close_refusal(settings: Settings, entity: str, day: date) -> None:
    """Put aside a refusal that is settled by a good delivery or by removing the bad one."""
    folder = partition(settings, "refusals", entity, day)
    if folder.exists():
        move(folder, _superseded(settings, entity, day, _stem(folder)) / "refusal")


def move(source: Path, target: Path) -> None:
    """Move a folder, if it exists; an older target is removed."""
    if source.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def _committed(audit: Path) -> Committed:
    return _parsed(_stem(audit))


def _parsed(stem: str) -> Committed:
    version, signature, *rest = stem.split("-")
    # Audits written before rows could wait name two things: the version was that of the content.
    content, *healed = rest or [version]
    return Committed(version, signature, content, *healed)


def _superseded(settings: Settings, entity: str, day: date, version: str) -> Path:
    return settings.lake / "superseded" / entity / label(day) / version


def _stems(settings: Settings, kind: str, entity: str) -> dict[date, str]:
    """Name of the first file of each partition, in the order of the dates; plain paths, they are many."""
    folder = str(settings.lake / kind / entity)
    found = {}
    for name in _files(folder):
        if name.startswith(PREFIX) and name != label(SCHEMA_DATE) and (files := _files(f"{folder}/{name}")):
            found[date.fromisoformat(name.removeprefix(PREFIX))] = files[0].removesuffix(".parquet")
    return found


def _stem(folder: Path) -> str:
    return _files(folder)[0].removesuffix(".parquet")


def _files(folder: Path | str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
