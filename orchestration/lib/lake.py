"""The lake: where partitions lie, what they look like, and how one is replaced without a gap.

Every partition holds files named ``<version>….parquet`` after the delivery they came from. The audit
partition is the commit mark: it leaves first when a delivery is superseded and arrives last, so a
process that is killed anywhere leaves a date either committed or visibly unfinished.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.lib.contracts import Contract
from orchestration.settings import Settings

SCHEMA_DATE = date.max
"""Partition with the schema and no rows: readers find every column of entities never delivered.

It comes last: DuckDB estimates the rows of a folder from its first file, and with an empty one it would
build its hash tables on the largest input."""
SHORT = 12
"""Hexadecimal digits of versions and signatures in file names."""
INCOMING = "_incoming"
_LABEL = "business_date="

_TYPES = {
    "varchar": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
REJECTS = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("raw_text", pa.string()),
    ]
)
AUDIT = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("file_sha256", pa.string()),
        ("lines", pa.int64()),
        ("loaded", pa.int64()),
        ("rejected", pa.int64()),
        ("extra_columns", pa.string()),
        ("missing_columns", pa.string()),
        ("delivery_version", pa.string()),
        ("delivery_signature", pa.string()),
        ("status", pa.string()),
    ]
)
REFUSALS = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("delivery_version", pa.string()),
    ]
)


@dataclass(frozen=True)
class FileAudit:
    """What became of one delivered file; ``lines`` are records, without header and blank lines."""

    entity: str
    business_date: date
    file: str
    file_sha256: str
    lines: int
    loaded: int
    rejected: int
    extra_columns: str
    missing_columns: str
    delivery_version: str
    delivery_signature: str
    status: str


@dataclass(frozen=True)
class Refusal:
    """Why a delivery was refused as a whole."""

    entity: str
    business_date: date
    file: str
    column_name: str | None
    reason: str
    delivery_version: str


@dataclass(frozen=True)
class Committed:
    """First digits of the version and the signature of the delivery that a partition holds."""

    version: str
    signature: str


def raw_schema(contract: Contract) -> pa.Schema:
    """The columns of a loaded row: those of the contract, then where the row came from."""
    columns = [(column.name, _arrow_type(column.type)) for column in contract.columns]
    return pa.schema([*columns, ("source_file", pa.string()), ("source_line", pa.int64())])


def ensure_schemas(settings: Settings, contracts: Mapping[str, Contract]) -> None:
    """Write the zero-row partitions of every entity; those that are up to date stay untouched.

    Args:
        settings: Where the lake is.
        contracts: The contracts of all entities.
    """
    for entity, contract in contracts.items():
        kinds = {"raw": raw_schema(contract), "rejects": REJECTS, "audit": AUDIT, "refusals": REFUSALS}
        for kind, schema in kinds.items():
            file = partition(settings, kind, entity, SCHEMA_DATE) / "schema.parquet"
            if not file.exists() or pq.read_schema(file) != schema:
                write(file, schema, [])


def partition(settings: Settings, kind: str, entity: str, day: date) -> Path:
    """The folder of one partition; ``kind`` is raw, rejects, audit or refusals."""
    return settings.lake / kind / entity / _label(day)


def partitions(settings: Settings, kind: str, entity: str) -> list[date]:
    """The dates of which the lake holds a partition, without the one for the schema."""
    folder = settings.lake / kind / entity
    days = [
        date.fromisoformat(name.removeprefix(_LABEL)) for name in _files(folder) if name.startswith(_LABEL)
    ]
    return [day for day in days if day != SCHEMA_DATE]


def committed(settings: Settings, entity: str) -> dict[date, Committed]:
    """Which delivery each date of an entity holds, read from file names alone."""
    days = partitions(settings, "audit", entity)
    return {day: _committed(partition(settings, "audit", entity, day)) for day in days}


def refused_dates(settings: Settings, entity: str) -> set[date]:
    """The dates whose latest delivery was refused."""
    return set(partitions(settings, "refusals", entity))


def incoming(settings: Settings, entity: str) -> Path:
    """An empty folder in which to prepare partitions; what a killed run left in it is discarded."""
    folder = settings.lake / INCOMING / entity
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def commit(settings: Settings, delivery: FileAudit, prepared: Path) -> None:
    """Replace one date of an entity by prepared partitions; what was there moves to ``superseded``.

    Args:
        settings: Where the lake is.
        delivery: The audit of any file of the delivery, for its names.
        prepared: Incoming folder with ``raw``, ``rejects`` and ``audit`` partitions of that date.
    """
    entity, day, version = delivery.entity, delivery.business_date, delivery.delivery_version[:SHORT]
    signature = delivery.delivery_signature[:SHORT]
    for kind, stem in (("raw", version), ("rejects", version), ("audit", f"{version}-{signature}")):
        _name_after(prepared / kind / _label(day), stem)
    audit = partition(settings, "audit", entity, day)
    if audit.exists():
        old = _superseded(settings, entity, day, _committed(audit).version)
        for kind in ("audit", "raw", "rejects"):
            move(partition(settings, kind, entity, day), old / kind)
    for kind in ("raw", "rejects", "audit"):
        move(prepared / kind / _label(day), partition(settings, kind, entity, day))


def settle(settings: Settings, entity: str) -> None:
    """Finish what a killed run left: rows without their audit are superseded or were never committed."""
    done = set(partitions(settings, "audit", entity))
    for kind in ("raw", "rejects"):
        for day in set(partitions(settings, kind, entity)) - done:
            left = partition(settings, kind, entity, day)
            old = _superseded(settings, entity, day, _stem(left)[:SHORT])
            if (old / "audit").exists():
                move(left, old / kind)
            else:
                shutil.rmtree(left)


def refuse(settings: Settings, refusals: list[Refusal]) -> None:
    """Record a refused delivery; what was loaded for its date before stays."""
    first = refusals[0]
    prepared = settings.lake / INCOMING / first.entity / "refusal"
    name = f"{first.delivery_version[:SHORT]}.parquet"
    write(prepared / name, REFUSALS, [asdict(item) for item in refusals])
    move(prepared, partition(settings, "refusals", first.entity, first.business_date))


def close_refusal(settings: Settings, entity: str, day: date) -> None:
    """Put a refusal aside that a good delivery, or the removal of the bad one, has settled."""
    folder = partition(settings, "refusals", entity, day)
    if folder.exists():
        move(folder, _superseded(settings, entity, day, _stem(folder)) / "refusal")


def move(source: Path, target: Path) -> None:
    """Move a folder that may be absent; an older target gives way."""
    if source.exists():
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)


def write(file: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    """Write a small Parquet file in one step; keys that the schema does not name are left out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), unfinished, compression="zstd")
    unfinished.replace(file)


def _arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("decimal"):
        precision, scale = kind[len("decimal(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _TYPES[kind]


def _label(day: date) -> str:
    return f"{_LABEL}{day}"


def _committed(audit: Path) -> Committed:
    version, _, signature = _stem(audit).partition("-")
    return Committed(version, signature)


def _superseded(settings: Settings, entity: str, day: date, version: str) -> Path:
    return settings.lake / "superseded" / entity / _label(day) / version


def _stem(folder: Path) -> str:
    return _files(folder)[0].removesuffix(".parquet")


def _name_after(folder: Path, stem: str) -> None:
    for number, name in enumerate(_files(folder)):
        suffix = f"-{number}" if number else ""
        (folder / name).rename(folder / f"{stem}{suffix}.parquet")


def _files(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir()) if folder.exists() else []
