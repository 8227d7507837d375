"""Limits that people decide: read from ``seeds/policy`` and valid on a date."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from expectations.results import Severity
from orchestration.settings import ROOT

POLICY = ROOT / "seeds" / "policy"
ANY_ENTITY = "*"


class PolicyError(ValueError):
    """A policy file lacks a row that is needed, or holds one that cannot be used."""


@dataclass(frozen=True)
class Limit:
    """One limit in force on a date; a measure may have one that warns and one that blocks."""

    value: Decimal
    severity: Severity


@dataclass(frozen=True)
class _Row:
    subject: str
    measure: str
    limit: Limit
    effective_from: date
    effective_to: date | None

    def holds_on(self, day: date) -> bool:
        return _holds_on(day, self.effective_from, self.effective_to)


class Limits:
    """The rows of one limits file.

    Raises:
        PolicyError: On reading, when a row is malformed; on use, when the row needed is missing.
    """

    def __init__(self, file: Path, subject_column: str | None, measure_column: str) -> None:
        self._file = file
        with file.open(encoding="utf-8", newline="") as lines:
            self._rows = [
                _row(f"{file.name} line {number}", record, subject_column, measure_column)
                for number, record in enumerate(csv.DictReader(lines), start=2)
            ]

    def on(self, day: date, measure: str, subject: str = ANY_ENTITY) -> list[Limit]:
        """Limits of a measure on a day: those of the subject, else those of ``*``.

        Args:
            day: Business date or as-of date that is judged.
            measure: Name in the file's ``check_name`` or ``metric`` column.
            subject: Entity, for files that tell entities apart.

        Returns:
            One limit, or one per severity.

        Raises:
            PolicyError: No row is in force, or two of the same severity are.
        """
        for name in dict.fromkeys((subject, ANY_ENTITY)):
            found = [
                row.limit
                for row in self._rows
                if (row.subject, row.measure) == (name, measure) and row.holds_on(day)
            ]
            if len({limit.severity for limit in found}) < len(found):
                raise PolicyError(f"{self._file.name}: {name} {measure} has two rows of a severity on {day}")
            if found:
                return found
        raise PolicyError(f"{self._file.name}: no row for {subject} {measure} in force on {day}; add one")

    def number(self, day: date, measure: str, subject: str = ANY_ENTITY) -> Decimal:
        """The value of a measure that has a single row: a setting rather than a threshold."""
        found = self.on(day, measure, subject)
        if len(found) != 1:
            raise PolicyError(f"{self._file.name}: {subject} {measure} needs exactly one row on {day}")
        return found[0].value


def delivery_limits(folder: Path = POLICY) -> Limits:
    """Limits of gate 1, per entity or for ``*``."""
    return Limits(folder / "delivery_limits.csv", "entity", "check_name")


def release_limits(folder: Path = POLICY) -> Limits:
    """Limits of gate 2."""
    return Limits(folder / "release_limits.csv", None, "metric")


@dataclass(frozen=True)
class PersonalDataPattern:
    """What a kind of personal data looks like inside a text.

    Attributes:
        name: Kind of data.
        pattern: RE2 regular expression, found anywhere in the text.
        minimum_length: Texts shorter than this, in characters, cannot hold it and are skipped.
        exempt_columns: Columns in which it is something else.
    """

    name: str
    pattern: str
    minimum_length: int
    exempt_columns: frozenset[str]


def personal_data_patterns(day: date, folder: Path = POLICY) -> list[PersonalDataPattern]:
    """The patterns in force on a day.

    Raises:
        PolicyError: None is in force.
    """
    file = folder / "personal_data_patterns.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        found = [
            PersonalDataPattern(
                name=record["pattern_name"],
                pattern=record["pattern"],
                minimum_length=int(record["minimum_length"]),
                exempt_columns=frozenset(record["exempt_columns"].split()),
            )
            for record in csv.DictReader(lines)
            if _holds_on(day, *_period(record))
        ]
    if not found:
        raise PolicyError(f"{file.name}: no pattern in force on {day}; add one")
    return found


def _row(where: str, record: dict[str, str], subject_column: str | None, measure_column: str) -> _Row:
    severity = record["severity"]
    if severity not in ("error", "warn"):
        raise PolicyError(f"{where}: severity is {severity!r}; valid: error, warn")
    effective_from, effective_to = _period(record)
    return _Row(
        subject=record[subject_column] if subject_column else ANY_ENTITY,
        measure=record[measure_column],
        limit=Limit(Decimal(record["limit_value"]), "error" if severity == "error" else "warn"),
        effective_from=effective_from,
        effective_to=effective_to,
    )


def _period(record: dict[str, str]) -> tuple[date, date | None]:
    """First and last day on which a row is in force; no last day means until further notice."""
    last = record["effective_to"]
    return date.fromisoformat(record["effective_from"]), date.fromisoformat(last) if last else None


def _holds_on(day: date, first: date, last: date | None) -> bool:
    return first <= day and (last is None or day <= last)
