"""What a source writes where there is no value: words and days of policy, as conditions on delivered text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from clientele import policy
from clientele.contracts import Column, Contract
from clientele.sql import literals

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class _Written:
    """What is written on some business dates; on all of the batch when none are named."""

    texts: tuple[str, ...]
    days: tuple[date, ...]

    def condition(self, text: str, texts: Iterable[str]) -> str:
        days = f" and business_date in ({literals(self.days)})" if self.days else ""
        return f"{text} in ({literals(sorted(texts))}){days}"


class MissingValues:
    """What means "no value" in the deliveries of one entity.

    Args:
        contract: The contract of the entity.
        days: Business dates of the deliveries; the policy in force on each of them counts.

    Raises:
        PolicyError: The policy is malformed.
    """

    def __init__(self, contract: Contract, days: Collection[date]) -> None:
        dated = policy.dated("missing_values")
        by_rows: dict[tuple[tuple[str, str], ...], list[date]] = {}
        for day in sorted(days):
            found = tuple(
                (row["column_name"], row["written"])
                for row in dated.on(day)
                if row["domain"] in ("*", contract.domain) and row["entity"] in ("*", contract.name)
            )
            by_rows.setdefault(found, []).append(day)
        self._groups = [(rows, tuple(dates) if len(by_rows) > 1 else ()) for rows, dates in by_rows.items()]

    def longest(self, column: Column) -> int:
        """Bytes of the longest text that means no value in a column; 0 if none does."""
        return max((len(text.encode()) for group in self._of(column) for text in group.texts), default=0)

    def is_one(self, column: Column, text: str) -> str:
        """SQL of whether a text means no value; empty if none does in this column."""
        found = []
        for group in self._of(column):
            found.append(group.condition(f"upper({text})", (written.upper() for written in group.texts)))
            if column.type == "timestamp" and (days := _days(group)):
                found.append(group.condition(f"left({text}, 10)", days))
        return " or ".join(found)

    def is_true_value(self, column: Column, text: str) -> str:
        """SQL of whether a text means no value although it is one of the column's type; empty if none is.

        Nearly all that means no value is no date and no number: it is only looked at where the type says no.
        """
        found = []
        for group in self._of(column):
            if column.type == "timestamp" and (days := _days(group)):
                found.append(group.condition(f"left({text}, 10)", days))
            elif column.type == "date" and (days := _days(group)):
                found.append(group.condition(text, days))
            elif column.type in ("integer", "bigint") or column.type.startswith("decimal"):
                if numbers := [written for written in group.texts if _NUMBER.fullmatch(written)]:
                    found.append(group.condition(text, numbers))
        return " or ".join(found)

    def _of(self, column: Column) -> list[_Written]:
        if column.type == "varchar" and column.classification != "C1":
            return []
        groups = [
            _Written(tuple(text for name, text in rows if name in ("*", column.name)), days)
            for rows, days in self._groups
        ]
        return [group for group in groups if group.texts]


def _days(group: _Written) -> list[str]:
    return [written for written in group.texts if _DAY.fullmatch(written) and written > "0001"]
