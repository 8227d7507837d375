"""Does the lake still hold what was loaded: every partition against its audit, by rows and by checksum."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clientele.settings import Settings
from orchestration import lake


class LakeError(RuntimeError):
    """Part of the lake is missing or changed, and its delivery is not available to be loaded again."""


def damage(settings: Settings, entity: str) -> dict[date, str]:
    """Hold every partition of an entity against its audit. Reads all of its files.

    Args:
        settings: Where the lake is.
        entity: The entity.

    Returns:
        Problems by business date; empty when everything is as it was written.
    """
    found = {day: _wrong(settings, entity, day) for day in lake.committed(settings, entity)}
    return {day: reason for day, reason in found.items() if reason}


def _wrong(settings: Settings, entity: str, day: date) -> str:
    folders = {kind: lake.partition(settings, kind, entity, day) for kind in (*lake.PARTS, "audit")}
    try:
        audits = [row for file in _files(folders["audit"]) for row in _read(file)]
        for kind, column in (("raw", "loaded"), ("rejects", "rejected")):
            rows = sum(pq.read_metadata(file).num_rows for file in _files(folders[kind]))
            expected = sum(audit[column] for audit in audits)
            if rows != expected:
                return f"{folders[kind]} holds {rows:,} rows, but its audit says {expected:,}"
        schema = _columns(lake.partition(settings, "raw", entity, lake.SCHEMA_DATE) / "schema.parquet")
        if any(_columns(file) != schema for file in _files(folders["raw"])):
            return f"{folders['raw']} has other columns than its contract says now"
    except (pa.ArrowException, OSError) as error:
        return f"{folders['raw'].parent.name} {day}: a file cannot be read: {error}"
    expected_sums = {audit.get("lake_sha256") for audit in audits} - {None, ""}
    if expected_sums and expected_sums != {lake.checksum(folders)}:
        return f"{folders['raw']} or what belongs to it was changed after it was written"
    return ""


def _columns(file: Path) -> dict[str, str]:
    return {field.name: str(field.type) for field in pq.read_schema(file)}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _read(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.ParquetFile(file).read().to_pylist()
    return rows
