"""What has been delivered: a look at names, sizes and times, never a change.

A delivery is the folder ``landing/<entity>/<YYYY-MM-DD>/`` with at least one file in it. Names that
begin with ``_`` or ``.`` belong to somebody else and are not looked at.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from clientele import policy
from clientele.checksums import file_sha256
from clientele.contracts import Contract, load_order
from clientele.settings import Settings
from orchestration import lake

ENDINGS = (".csv", ".csv.gz", ".parquet")
CONTROL = ".ctl"

_LOOKS = 4
"""How often a refresh looks whether a delivery is still being written, before it goes on without it."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Delivery:
    """The files of one entity for one business date.

    Attributes:
        entity: The delivered entity.
        business_date: The day it was delivered for.
        folder: Where the files are.
        files: Names of the data files, sorted; their endings are not checked yet.
        controls: Names of the control files, sorted.
        signature: Changes when a name, size or time of a file changes, or its content; costs no reading.
        changed_at: When a file without a control file was last changed, in seconds since 1970; 0 without any.
    """

    entity: str
    business_date: date
    folder: Path
    files: tuple[str, ...]
    controls: tuple[str, ...]
    signature: str
    changed_at: float


def deliveries(settings: Settings, contract: Contract) -> list[Delivery]:
    """Find the deliveries of one entity, in landing or archived; what lies in landing is the newer.

    Args:
        settings: Where landing and archive are.
        contract: The contract of the entity.

    Returns:
        Its deliveries, oldest first; none if nothing was ever delivered.
    """
    found: dict[date, Delivery] = {}
    for folder in (settings.archive, settings.landing):
        for entry in _entries(folder / contract.name):
            day = business_date(entry.name)
            if day and entry.is_dir():
                delivery = _delivery(contract.name, day, Path(entry.path))
                if delivery.files or delivery.controls:
                    found[day] = delivery
    return [found[day] for day in sorted(found)]


def is_growing(delivery: Delivery, settling_seconds: int) -> bool:
    """Whether somebody may still be writing a delivery.

    A file with a control file says itself when it is whole; any other must have been left alone for a while.

    Args:
        delivery: The delivery.
        settling_seconds: How long, in seconds.
    """
    return time.time() - delivery.changed_at < settling_seconds


def settling_seconds(on: date) -> int:
    """How long a file without a control file must be left alone before it counts as delivered, by policy."""
    return int(policy.parameter("landing", "settling_seconds", on))


def await_settled(
    settings: Settings, contracts: Mapping[str, Contract], progress: Callable[[str], None]
) -> list[Path]:
    """Wait until no delivery is being written.

    Args:
        settings: Where landing is.
        contracts: All contracts.
        progress: Called with a line of text before a wait.

    Returns:
        Folders of deliveries that are still being written; they are left for the next refresh.
    """
    seconds = settling_seconds(datetime.now(UTC).date())
    for attempt in range(_LOOKS):
        growing = [
            delivery
            for contract in contracts.values()
            for delivery in deliveries(settings, contract)
            if is_growing(delivery, seconds)
        ]
        if growing and attempt < _LOOKS - 1:
            if not attempt:
                progress(f"waiting: {len(growing)} deliveries were written to in the last {seconds} seconds")
            youngest = max(delivery.changed_at for delivery in growing)
            time.sleep(min(max(youngest + seconds - time.time(), 0.05), seconds))
        elif not growing:
            break
    return [delivery.folder for delivery in growing]


def removed(settings: Settings, contracts: Mapping[str, Contract]) -> list[Path]:
    """Folders of deliveries that the lake holds, and that are neither in landing nor archived any more."""
    found = []
    for entity, contract in contracts.items():
        there = {delivery.business_date for delivery in deliveries(settings, contract)}
        held = lake.committed(settings, entity)
        gone = [day for day in sorted(held) if held[day].content != lake.NOTHING and day not in there]
        found += [settings.landing / entity / str(day) for day in gone]
    return found


def business_date(name: str) -> date | None:
    """Read a folder name; None unless it is a calendar date before 9999-12-31, as YYYY-MM-DD."""
    if not _DATE.fullmatch(name):
        return None
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day < lake.SCHEMA_DATE else None


def problems(landing: Path, contracts: Mapping[str, Contract]) -> list[str]:
    """List what is misplaced in the landing folder, where no loader looks for it.

    Args:
        landing: The landing folder.
        contracts: All contracts.

    Returns:
        One sentence per misplaced name, with its path and what would be valid; empty if there is none.
    """
    if not landing.is_dir():
        return [f"{landing}: no such folder; deliveries belong in {landing}/<entity>/<YYYY-MM-DD>/"]
    found = []
    for entity in _entries(landing):
        if entity.name not in contracts or not entity.is_dir():
            found.append(f"{entity.path}: not an entity folder; valid: {', '.join(sorted(contracts))}")
            continue
        for day in _entries(entity.path):
            if not day.is_dir() or business_date(day.name) is None:
                found.append(f"{day.path}: not a delivery folder; valid: a business date as YYYY-MM-DD")
                continue
            found += [
                f"{_printable(file.path)}: {what} inside a delivery; "
                f"valid: files ending in {', '.join(ENDINGS)}, {CONTROL}"
                for file in _entries(day.path)
                if (what := _misplaced(file))
            ]
    return found


def _printable(path: str) -> str:
    """A path in printable form, even if a name is not valid text."""
    return path if path.isprintable() else repr(path).strip("'")


def _misplaced(entry: os.DirEntry[str]) -> str:
    """What an entry of a delivery is, if it is not a file that can be loaded."""
    if entry.is_dir():
        return "a folder"
    if not entry.is_file():
        return "a link that leads nowhere" if entry.is_symlink() else "something that is no file"
    return "" if entry.name.isprintable() else "a name that is not text"


def pending(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, list[Delivery]]:
    """Find the deliveries that are not in the lake as they lie in landing.

    Contents are read only where names, sizes or times differ from those that were loaded. A delivery
    with an open refusal stays pending, so that nobody forgets it.

    Args:
        settings: Where landing and lake are.
        contracts: The contracts of the entities to look for.

    Returns:
        Per entity with anything pending its deliveries, oldest first; parents come first.
    """
    waiting = {}
    for entity in load_order(contracts):
        loaded = lake.committed(settings, entity)
        refused = lake.refused_dates(settings, entity)
        found = [
            delivery
            for delivery in deliveries(settings, contracts[entity])
            if delivery.business_date in refused or not is_loaded(delivery, loaded)
        ]
        if found:
            waiting[entity] = found
    return waiting


def is_loaded(delivery: Delivery, loaded: Mapping[date, lake.Committed]) -> bool:
    """Whether the lake holds this delivery: by signature, or failing that by content.

    Args:
        delivery: The delivery as it lies in landing.
        loaded: What the lake holds, from ``lake.committed``.

    Returns:
        True when loading it again would change nothing.
    """
    known = loaded.get(delivery.business_date)
    if known is None:
        return False
    if known.signature == delivery.signature[: lake.SHORT]:
        return True
    return known.content == version(delivery)[: lake.SHORT]


def version(delivery: Delivery, known: Mapping[str, str] | None = None) -> str:
    """The content version of a delivery: SHA-256 over the names and SHA-256 of all its files.

    Args:
        delivery: The delivery.
        known: SHA-256 by file name, for files that have been read already.

    Returns:
        Hexadecimal SHA-256.
    """
    total = hashlib.sha256()
    for name in sorted(delivery.files + delivery.controls):
        sha256 = (known or {}).get(name) or _sha256_of(delivery.folder / name)
        total.update(os.fsencode(f"{name}\n{sha256}\n"))
    return total.hexdigest()


def _sha256_of(file: Path) -> str:
    """The same for every file that cannot be read now; the loader says why."""
    try:
        return file_sha256(file)
    except OSError:
        return "unreadable"


def _delivery(entity: str, day: date, folder: Path) -> Delivery:
    signature = hashlib.sha256()
    names: dict[str, float] = {}
    for entry in _entries(folder):
        if entry.is_file():
            stat = entry.stat()
            # Nobody can set the time at which the inode changed: other content with the old size and time is
            # noticed.
            seen = f"{entry.name}\n{stat.st_size}\n{stat.st_mtime_ns}\n{stat.st_ctime_ns}\n"
            signature.update(os.fsencode(seen))
            names[entry.name] = stat.st_ctime
    return Delivery(
        entity=entity,
        business_date=day,
        folder=folder,
        files=tuple(name for name in names if not name.endswith(CONTROL)),
        controls=tuple(name for name in names if name.endswith(CONTROL)),
        signature=signature.hexdigest(),
        changed_at=max(
            (
                changed
                for name, changed in names.items()
                if not name.endswith(CONTROL) and f"{name}{CONTROL}" not in names
            ),
            default=0.0,
        ),
    )


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    if not Path(folder).is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if entry.name[0] not in "_."), key=lambda entry: entry.name)
