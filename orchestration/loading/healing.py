"""How a partition is put together: the rows of its own delivery, and those of earlier ones that were healed.

A healed row lies where it became known: ``source_file`` names the delivery it came with, and the audit of
the date accounts for it. The delivery it came with keeps its reject (D-34).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from clientele.contracts import Contract
from clientele.settings import Settings
from clientele.sql import files_like, identifiers, literal
from orchestration import lake
from orchestration.lake import NOTHING, SHORT, Committed, FileAudit
from orchestration.loading.judging import healable

HEALED = "healed"
"""Status of the audit of healed rows."""


def commit(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    day: date,
    audits: Sequence[FileAudit],
    prepared: Path,
    healed: str = "",
) -> None:
    """Name, account for and commit a prepared partition.

    Args:
        engine: Reads the rows that wait.
        settings: Where the lake is.
        contract: The entity.
        day: Business date of the partition.
        audits: What became of each file, without checksum of the partition.
        prepared: Incoming folder with ``raw``, ``rejects`` and ``waiting`` of that date.
        healed: Hash of the healed rows in it; empty without any.
    """
    own = next((audit for audit in audits if audit.status != HEALED), None)
    content = own.delivery_version[:SHORT] if own else NOTHING
    verdict = _verdict(engine, prepared / "waiting" / lake.label(day))
    said = f"{content}|{verdict}|{healed}"
    held = Committed(
        version=hashlib.sha256(said.encode()).hexdigest()[:SHORT] if verdict or healed else content,
        signature=own.delivery_signature[:SHORT] if own else NOTHING,
        content=content,
        healed=healed,
    )
    lake.name_prepared(prepared, day, held)
    checksum = lake.checksum({kind: prepared / kind / lake.label(day) for kind in lake.PARTS})
    lake.write(
        prepared / "audit" / lake.label(day) / f"{held.stem}.parquet",
        lake.AUDIT,
        [asdict(replace(audit, lake_sha256=checksum)) for audit in audits],
    )
    lake.commit(settings, contract.name, day, held, prepared)


def heal(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    known: Mapping[str, str],
    prepared: Path,
    progress: Callable[[str], None],
) -> int:
    """Accept waiting rows whose parents have become known, and take back those whose parents are gone.

    Args:
        engine: Holds the tables of ``references.know``.
        settings: Where the lake is.
        contract: The entity.
        known: Table of known keys by column.
        prepared: Incoming folder.
        progress: Called with a line of text for each date that has changed.

    Returns:
        Rows accepted.
    """
    held = lake.committed(settings, contract.name)
    if not lake.partitions(settings, "waiting", contract.name) and not any(
        day.healed for day in held.values()
    ):
        return 0
    wanted = healable.healed(engine, settings, contract, known)
    changed = [
        day
        for day in sorted({*wanted, *held})
        if wanted.get(day, "") != (held[day].healed if day in held else "")
    ]
    accepted = 0
    for day in changed:
        if day not in wanted and held[day].content == NOTHING:
            lake.withdraw(settings, contract.name, day)
            continue
        audits = _own_audits(settings, contract, day) + _healed_audits(engine, contract, day)
        _prepare(engine, settings, contract, day, prepared)
        commit(engine, settings, contract, day, audits, prepared, wanted.get(day, ""))
        rows = sum(audit.loaded for audit in audits if audit.status == HEALED)
        accepted += rows
        progress(
            f"{contract.name} {day}: {rows:,} rows of earlier days accepted; what they refer to has arrived"
        )
    return accepted


def _verdict(engine: duckdb.DuckDBPyConnection, waiting: Path) -> str:
    """Hash of what was decided about the rows that wait; empty without any."""
    if not waiting.exists():
        return ""
    rows = engine.execute(
        "select source_file, source_line, reason from "
        f"read_parquet({files_like(waiting, '*.parquet')}) order by source_file, source_line"
    ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _prepare(
    engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, day: date, prepared: Path
) -> None:
    """Link what the date holds of its own delivery, and write the healed rows beside it."""
    for kind in lake.PARTS:
        target = prepared / kind / lake.label(day)
        target.mkdir(parents=True)
        for file in sorted(lake.partition(settings, kind, contract.name, day).glob("*.parquet")):
            if not file.name.endswith(lake.HEALED):
                os.link(file, target / file.name)
    if engine.execute(f"from healed where healed_on = date '{day}' limit 1").fetchall():
        columns = identifiers(contract.names)
        absent = ", absent_columns" if contract.keeps_known else ""
        file = prepared / "raw" / lake.label(day) / f"rows{lake.HEALED}"
        engine.execute(f"""
            copy (
                select {columns}, business_date || '/' || source_file as source_file, source_line{absent}
                from healed where healed_on = date '{day}' order by business_date, source_file, source_line
            ) to {literal(str(file))} (format parquet, compression zstd)
        """)
    for kind in lake.PARTS:
        folder = prepared / kind / lake.label(day)
        if not any(folder.iterdir()):
            folder.rmdir()


def _own_audits(settings: Settings, contract: Contract, day: date) -> list[FileAudit]:
    folder = lake.partition(settings, "audit", contract.name, day)
    rows = [
        row for file in sorted(folder.glob("*.parquet")) for row in pq.ParquetFile(file).read().to_pylist()
    ]
    return [FileAudit(business_date=day, **row) for row in rows if row["status"] != HEALED]


def _healed_audits(engine: duckdb.DuckDBPyConnection, contract: Contract, day: date) -> list[FileAudit]:
    found = engine.execute(
        "select business_date || '/' || source_file as file, count(*) from healed "
        f"where healed_on = date '{day}' group by all order by all"
    ).fetchall()
    return [
        FileAudit(
            entity=contract.name,
            business_date=day,
            file=file,
            file_sha256="",
            lines=rows,
            loaded=rows,
            rejected=0,
            extra_columns="",
            missing_columns="",
            delivery_version="",
            delivery_signature="",
            status=HEALED,
        )
        for file, rows in found
    ]
