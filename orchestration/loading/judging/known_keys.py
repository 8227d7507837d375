"""Which keys of an entity the lake holds, and since when: what references are judged against.

The keys are kept beside the lake with the partitions they were read from, so that a day's load reads the
partitions that are new. Of other partitions than those that were read they are read again from the start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from clientele.settings import Settings
from clientele.sql import files as listed
from clientele.sql import files_like, identifier, literal
from orchestration import lake

FOLDER = "_keys"
_FEW = 40
_COVERED = b"partitions"
"""Name of the file's metadata that lists the partitions its keys were read from."""


def ensure(engine: duckdb.DuckDBPyConnection, settings: Settings, entity: str, column: str) -> Path:
    """Bring the known keys of an entity up to date.

    Args:
        engine: Reads the lake.
        settings: Where the lake is.
        entity: The entity that is referred to.
        column: Its column that is referred to.

    Returns:
        A Parquet file of ``key`` and ``since``, the first business date on which the key was accepted.
    """
    covered = {str(day): held.version for day, held in lake.committed(settings, entity).items()}
    digest = hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()[: lake.SHORT]
    folder = settings.lake / FOLDER / f"{entity}.{column}"
    file = folder / f"{digest}.parquet"
    if _covered(file) != covered:
        older = [candidate for candidate in sorted(folder.glob("*.parquet")) if _is_part(candidate, covered)]
        keys = _keys(engine, settings, entity, column, older[-1] if older else None, covered)
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".tmp")
        pq.write_table(keys.replace_schema_metadata({_COVERED: json.dumps(covered)}), unfinished)
        unfinished.replace(file)
    # Also when the file was there: a load may have been killed before it had removed the one before.
    for other in folder.iterdir():
        if other != file:
            other.unlink()
    return file


def _is_part(file: Path, covered: dict[str, str]) -> bool:
    found = _covered(file)
    return found is not None and found.items() <= covered.items()


def _covered(file: Path) -> dict[str, str] | None:
    """The partitions whose keys a file holds; None for one that is not there or cut off."""
    try:
        metadata = pq.read_schema(file).metadata or {}
    except (FileNotFoundError, pa.ArrowInvalid):
        return None
    found: dict[str, str] = json.loads(metadata.get(_COVERED, b"null"))
    return found


def _keys(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    entity: str,
    column: str,
    older: Path | None,
    covered: dict[str, str],
) -> pa.Table:
    known = (
        f"select key, since from read_parquet({literal(str(older))})"
        if older
        else "select null, null where false"
    )
    days = covered.keys() - ((older and _covered(older)) or {}).keys()
    return engine.sql(
        f"""
        select key::varchar as key, min(since)::date as since
        from (
            {known}
            union all
            select {identifier(column)}, business_date from {rows(settings, "raw", entity, days)}
            where {identifier(column)} is not null
        ) as found(key, since)
        group by key order by key
        """
    ).to_arrow_table()


def rows(settings: Settings, kind: str, entity: str, days: Collection[str] | None = None) -> str:
    """SQL relation of rows of the lake, with ``business_date``.

    Args:
        settings: Where the lake is.
        kind: raw or waiting.
        entity: The entity.
        days: Business dates to read, as text; all when omitted. Few of them are opened by name.
    """
    folder = settings.lake / kind / entity
    if days is None or len(days) > _FEW:
        files = files_like(folder, "*/*.parquet")
    else:
        labels = [*map(lake.label, sorted(days)), lake.label(lake.SCHEMA_DATE)]
        found = [file for label in labels for file in sorted((folder / label).glob("*.parquet"))]
        files = listed(found)
    return f"read_parquet({files}, hive_partitioning = true, hive_types = {{business_date: date}})"
