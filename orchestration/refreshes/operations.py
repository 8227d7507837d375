"""What each refresh did, as Parquet in the lake: source of ``fct_refreshes`` and ``fct_data_quality``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from clientele.settings import Settings
from orchestration import lake

REFRESHES = pa.schema(
    [
        ("refresh_id", pa.string()),
        ("release_id", pa.string()),
        ("window_start_date", pa.date32()),
        ("as_of_date", pa.date32()),
        ("started_at", pa.timestamp("us")),
        ("published_at", pa.timestamp("us")),
        ("rows_loaded", pa.int64()),
        ("rows_rejected", pa.int64()),
        ("rows_healed", pa.int64()),
        ("checks_passed", pa.int64()),
        ("checks_warned", pa.int64()),
        ("checks_failed", pa.int64()),
        ("alerts_opened", pa.int64()),
        ("model_version", pa.string()),
    ]
)
CHECKS = pa.schema(
    [
        ("refresh_id", pa.string()),
        ("checked_at", pa.timestamp("us")),
        ("gate", pa.string()),
        ("entity", pa.string()),
        ("check_name", pa.string()),
        ("business_date", pa.date32()),
        ("status", pa.string()),
        ("severity", pa.string()),
        ("observed", pa.string()),
        ("expected", pa.string()),
    ]
)


@dataclass(frozen=True)
class Refresh:
    """One refresh; times are UTC. Without ``published_at`` it ended before readers could see it."""

    refresh_id: str
    started_at: datetime
    release_id: str | None = None
    window_start_date: date | None = None
    as_of_date: date | None = None
    published_at: datetime | None = None
    rows_loaded: int = 0
    rows_rejected: int = 0
    rows_healed: int = 0
    checks_passed: int = 0
    checks_warned: int = 0
    checks_failed: int = 0
    alerts_opened: int = 0
    model_version: str | None = None


@dataclass(frozen=True)
class CheckRecord:
    """One check of one refresh; ``checked_at`` is UTC."""

    refresh_id: str
    checked_at: datetime
    gate: str
    entity: str
    check_name: str
    business_date: date | None
    status: str
    severity: str
    observed: str
    expected: str


def ensure_schemas(settings: Settings) -> None:
    """Write the zero-row files that let readers find the columns before the first refresh."""
    for name, schema in (("refreshes", REFRESHES), ("checks", CHECKS)):
        file = _folder(settings, name) / "schema.parquet"
        if not file.exists() or pq.read_schema(file) != schema:
            lake.write(file, schema, [])


def save(settings: Settings, refresh: Refresh) -> None:
    """Write the row of a refresh; a later call replaces it."""
    lake.write(_folder(settings, "refreshes") / f"{refresh.refresh_id}.parquet", REFRESHES, [asdict(refresh)])


def load(settings: Settings, refresh_id: str) -> Refresh:
    """Read the row of a refresh."""
    file = _folder(settings, "refreshes") / f"{refresh_id}.parquet"
    return Refresh(**pq.read_table(file).to_pylist()[0])


def add_rows(settings: Settings, refresh_id: str, loaded: int, rejected: int, healed: int) -> None:
    """Count what one entity's load added."""
    row = load(settings, refresh_id)
    save(
        settings,
        replace(
            row,
            rows_loaded=row.rows_loaded + loaded,
            rows_rejected=row.rows_rejected + rejected,
            rows_healed=row.rows_healed + healed,
        ),
    )


def record(settings: Settings, refresh_id: str, stage: str, checks: Iterable[CheckRecord]) -> None:
    """Write the checks of one stage and count them into the refresh; a repeated stage replaces its own.

    Args:
        settings: Where the records are.
        refresh_id: The refresh.
        stage: Name of the stage, unique within the refresh.
        checks: The outcomes.
    """
    lake.write(
        _folder(settings, "checks") / f"{refresh_id}-{stage}.parquet",
        CHECKS,
        [asdict(check) for check in checks],
    )
    statuses = [check.status for check in recorded(settings, refresh_id)]
    save(
        settings,
        replace(
            load(settings, refresh_id),
            checks_passed=statuses.count("passed"),
            checks_warned=statuses.count("warned"),
            checks_failed=statuses.count("failed"),
        ),
    )


def recorded(settings: Settings, refresh_id: str) -> list[CheckRecord]:
    """All checks of a refresh so far."""
    files = sorted(_folder(settings, "checks").glob(f"{refresh_id}-*.parquet"))
    return [CheckRecord(**row) for file in files for row in pq.read_table(file).to_pylist()]


def _folder(settings: Settings, name: str) -> Path:
    return settings.lake / "operations" / name
