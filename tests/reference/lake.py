"""What the oracles read: delivered rows as the lake types them, and policy as people wrote it.

Nothing here knows the models. Rows are plain dictionaries; ``delivered_on`` is the day we were told.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

Row = dict[str, Any]

POLICY = Path(__file__).resolve().parents[2] / "seeds" / "policy"
"""Read here by themselves: the oracles share no code with what they judge."""


def delivered(home: Path, entity: str) -> list[Row]:
    """Every loaded row of an entity, oldest delivery first."""
    table = ds.dataset(home / "lake" / "raw" / entity, format="parquet", partitioning="hive").to_table()
    rows = [{**row, "delivered_on": date.fromisoformat(row["business_date"])} for row in table.to_pylist()]
    return sorted(rows, key=lambda row: (row["delivered_on"], row["source_file"], row["source_line"]))


def month_ends(home: Path) -> list[date]:
    """Month-ends from the first to the last delivery of transactions."""
    days = [row["delivered_on"] for row in delivered(home, "transactions")]
    span = [min(days) + timedelta(days=number) for number in range((max(days) - min(days)).days + 1)]
    return [day for day in span if day == last_of_month(day)]


def as_known(rows: Iterable[Row], key: str, on: date) -> dict[str, Row]:
    """The latest version of each thing that was delivered by a day."""
    return {row[key]: row for row in rows if row["delivered_on"] <= on}


@cache
def policy(name: str, on: date) -> list[dict[str, str]]:
    """Rows of a policy file that are in force on a day."""
    day = str(on)
    return [
        row for row in _rows(name) if row["effective_from"] <= day <= (row["effective_to"] or "9999-12-31")
    ]


def parameters(topic: str, on: date) -> dict[str, str]:
    """Parameters of a topic that are in force on a day."""
    rows = [row for row in policy("policy_parameters", on) if row["topic"] == topic]
    return {row["parameter"]: row["value"] for row in rows}


@cache
def _rows(name: str) -> list[dict[str, str]]:
    [path] = POLICY.rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_key(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    """Rows by the value of a column, in their order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found


def first_of_month(day: date, months_back: int = 0) -> date:
    """The first day of a month, or of one some months before it."""
    number = day.year * 12 + day.month - 1 - months_back
    return date(number // 12, number % 12 + 1, 1)


def last_of_month(day: date) -> date:
    """The last day of a month."""
    return first_of_month(day, -1) - timedelta(days=1)


def full_months(on: date, months: int) -> tuple[date, date]:
    """First and last day of the last full months; at a month-end they include that month."""
    after = first_of_month(on + timedelta(days=1))
    return first_of_month(after, months), after - timedelta(days=1)
