"""The CDNOW purchase log as a bank's deliveries, read from the installed package that carries it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import distribution
from pathlib import Path

CALIBRATION_END = date(1997, 9, 30)
LOG_END = date(1998, 6, 30)
BUSINESS_DATES = (CALIBRATION_END, LOG_END)


@dataclass(frozen=True)
class Purchase:
    """One line of a log.

    Attributes:
        line: Its number in the file, from 1.
        customer: The customer's number, as the log writes it.
        day: The day of the purchase.
        amount: What was paid, US dollars.
    """

    line: int
    customer: str
    day: date
    amount: Decimal


def sample_log() -> list[Purchase]:
    """The published one-in-ten sample; its customers have a numbering of their own."""
    return [_purchase(number, *fields[1:]) for number, fields in _lines("CDNOW_sample.txt")]


def master_log() -> list[Purchase]:
    """The whole log; its first line names the columns."""
    return [_purchase(number, *fields) for number, fields in _lines("CDNOW_master.txt") if number > 1]


def deliver(landing: Path, log: Sequence[Purchase], days: Iterable[date] = BUSINESS_DATES) -> None:
    """Write a log as deliveries of the two required entities, with control-free plain CSV.

    Args:
        landing: The landing folder.
        log: The purchases.
        days: Business dates, oldest first; each tells what happened since the one before.
    """
    first_days: dict[str, date] = {}
    for purchase in sorted(log, key=lambda purchase: purchase.day):
        first_days.setdefault(purchase.customer, purchase.day)
    since = date.min
    for until in days:
        _write(
            landing / "customers" / str(until) / "customers.csv",
            ("customer_id", "customer_type", "opened_on"),
            [(customer, "individual", day) for customer, day in first_days.items() if day <= until],
        )
        _write(
            landing / "transactions" / str(until) / "transactions.csv",
            ("transaction_id", "customer_id", "occurred_at", "amount", "transaction_type"),
            [
                (f"P{item.line:06}", item.customer, f"{item.day} 12:00:00", item.amount, "purchase")
                for item in log
                if since < item.day <= until
            ],
        )
        since = until


def _lines(name: str) -> list[tuple[int, list[str]]]:
    file = Path(str(distribution("lifetimes").locate_file(f"lifetimes/datasets/{name}")))
    return [(number, line.split()) for number, line in enumerate(file.read_text().splitlines(), start=1)]


def _purchase(line: int, customer: str, day: str, _discs: str, amount: str) -> Purchase:
    return Purchase(line, customer, datetime.strptime(day, "%Y%m%d").date(), Decimal(amount))  # noqa: DTZ007


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    file.parent.mkdir(parents=True)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
