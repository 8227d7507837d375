"""Limits that people decide: read from ``seeds/policy`` and valid on a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from clientele import policy
from clientele.policy import POLICY, Holidays, PolicyError
from expectations.results import Severity

ANY_ENTITY = "*"


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
    days: str | None
    is_of_one_day: bool

    def rank_among(self, kinds: Sequence[str]) -> int | None:
        """How specific the row is for a day of these kinds, 0 being most specific; None if it does not apply.

        A row of that single day, then one of the first kind of the day, of the next, of every day.
        """
        if self.days is not None and self.days not in kinds:
            return None
        if self.is_of_one_day:
            return 0
        return 1 + (len(kinds) if self.days is None else kinds.index(self.days))


class Limits:
    """The rows of one limits file."""

    def __init__(
        self, name: str, folder: Path, subject_column: str | None, measure_column: str, holidays: Holidays
    ) -> None:
        self.name = name
        self.holidays = holidays
        self._subject_column, self._measure_column = subject_column, measure_column
        self._dated = policy.dated(name, folder)
        self._days: dict[date, list[_Row]] = {}

    def on(self, day: date, measure: str, subject: str = ANY_ENTITY) -> list[Limit]:
        """Limits of a measure on a day: of the subject, else of ``*``; the most specific for the day.

        Args:
            day: Business date or as-of date that is judged.
            measure: Name in the file's ``check_name`` or ``metric`` column.
            subject: Entity, for files that tell entities apart.

        Returns:
            One limit, or one per severity.

        Raises:
            PolicyError: No row is in force.
        """
        kinds = self.holidays.kinds_of(day)
        for name in dict.fromkeys((subject, ANY_ENTITY)):
            ranked = [
                (rank, row.limit)
                for row in self._in_force(day)
                if (row.subject, row.measure) == (name, measure)
                and (rank := row.rank_among(kinds)) is not None
            ]
            if ranked:
                closest = min(rank for rank, _ in ranked)
                return [limit for rank, limit in ranked if rank == closest]
        raise PolicyError(f"{self.name}.csv: no row for {subject} {measure} in force on {day}; add one")

    def _in_force(self, day: date) -> list[_Row]:
        if day not in self._days:
            self._days[day] = [
                _Row(
                    subject=row[self._subject_column] if self._subject_column else ANY_ENTITY,
                    measure=row[self._measure_column],
                    limit=Limit(row["limit_value"], row["severity"]),
                    days=row.get("days"),
                    is_of_one_day=row["effective_from"] == row["effective_to"],
                )
                for row in self._dated.on(day)
            ]
        return self._days[day]

    def number(self, day: date, measure: str, subject: str = ANY_ENTITY) -> Decimal:
        """The value of a measure that has a single row: a setting rather than a threshold."""
        found = self.on(day, measure, subject)
        if len(found) != 1:
            raise PolicyError(f"{self.name}.csv: {subject} {measure} needs exactly one row on {day}")
        return found[0].value


def delivery_limits(folder: Path = POLICY) -> Limits:
    """Limits of gate 1, per entity or for ``*``.

    Raises:
        PolicyError: A file is malformed.
    """
    return Limits("delivery_limits", folder, "entity", "check_name", policy.holidays(folder))


def release_limits(folder: Path = POLICY) -> Limits:
    """Limits of gate 2.

    Raises:
        PolicyError: The file is malformed.
    """
    return Limits("release_limits", folder, None, "metric", policy.holidays(folder))


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
        PolicyError: The file is malformed, or no pattern is in force.
    """
    found = [
        PersonalDataPattern(
            name=row["pattern_name"],
            pattern=row["pattern"],
            minimum_length=row["minimum_length"],
            exempt_columns=frozenset((row["exempt_columns"] or "").split()),
        )
        for row in policy.in_force("personal_data_patterns", day, folder)
    ]
    if not found:
        raise PolicyError(f"personal_data_patterns.csv: no pattern in force on {day}; add one")
    return found
