"""Active transactions: customer-initiated, and not reversed (docs/metrics.md)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from tests.reference.lake import Row, delivered, policy


@dataclass(frozen=True)
class Told:
    """One thing a delivery told us: a transaction happened (+1), or it was undone (-1)."""

    delivered_on: date
    customer: str
    day: date
    sign: int
    row: Row


def told(home: Path) -> list[Told]:
    """Everything that was told, oldest delivery first; reversals speak of the day of what they undo."""
    rows = delivered(home, "transactions")
    originals = {row["transaction_id"]: row for row in rows}
    found = []
    for row in rows:
        if row["transaction_type"] != "reversal":
            found.append(Told(row["delivered_on"], row["customer_id"], row["occurred_at"].date(), 1, row))
        elif original := originals.get(row["reversal_of"]):
            known = max(row["delivered_on"], original["delivered_on"])
            day = original["occurred_at"].date()
            found.append(Told(known, original["customer_id"], day, -1, original))
    return sorted(found, key=lambda item: item.delivered_on)


@cache
def active_types(on: date) -> frozenset[str]:
    """Transaction types that a customer initiates."""
    types = policy("transaction_types", on)
    return frozenset(row["transaction_type"] for row in types if row["is_active"] == "true")


def active_days(items: list[Told], known_on: date) -> dict[str, list[date]]:
    """Days with at least one active transaction, by customer, as known on a day; each list is sorted."""
    counts: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for item in items:
        if item.delivered_on <= known_on and item.row["transaction_type"] in active_types(item.day):
            counts[item.customer][item.day] += item.sign
    return {
        customer: sorted(day for day, count in days.items() if count > 0) for customer, days in counts.items()
    }
