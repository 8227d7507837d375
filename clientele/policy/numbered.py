"""A row of a policy file with its line, and the days on which it is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Numbered:
    """A typed row and its line."""

    line: int
    row: Row

    @property
    def first(self) -> date:
        """First day on which it is in force."""
        found: date = self.row["effective_from"]
        return found

    @property
    def last(self) -> date:
        """Last day on which it is in force."""
        found: date | None = self.row["effective_to"]
        return found or date.max


def grouped(rows: Sequence[Numbered], key: Callable[[Row], tuple[object, ...]]) -> list[list[Numbered]]:
    """The rows in groups of equal keys, in their order."""
    groups: dict[tuple[object, ...], list[Numbered]] = {}
    for numbered in rows:
        groups.setdefault(key(numbered.row), []).append(numbered)
    return list(groups.values())
