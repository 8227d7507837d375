"""What a header may be: its columns under a contract, and the policy of names and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from clientele import policy
from clientele.contracts import Contract
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.trailing import without_trailing

_SHOWN = 200
"""Characters of a header that a reason repeats."""
_SEPARATORS = ";\t|，"
"""Separators of other exports; the only one that is read is the comma."""
_UNNAMED = "(unnamed)"
"""A column without a name, as spreadsheets leave at the end of every line."""
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")


class RefusedError(Exception):
    """A file for which its whole delivery is refused.

    Attributes:
        column: The column that is to blame, if one is.
    """

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class ForbiddenTerm:
    """A term that no column name may contain."""

    term: str
    is_word: bool

    def matches(self, column: str) -> bool:
        """Whether the term is in the words of the column name."""
        words = _words(column)
        return f" {self.term} " in words if self.is_word else self.term in words


class ForbiddenTerms:
    """The policy of forbidden column names.

    Raises:
        PolicyError: The file is malformed.
    """

    def __init__(self, folder: Path = policy.POLICY) -> None:
        self._dated = policy.dated("forbidden_columns", folder)

    def on(self, day: date) -> list[ForbiddenTerm]:
        """The terms in force on a day."""
        return [ForbiddenTerm(row["term"], row["match_type"] == "word") for row in self._dated.on(day)]


class TotalWords:
    """The policy of words that begin a line of totals.

    Raises:
        PolicyError: The file is malformed.
    """

    def __init__(self, folder: Path = policy.POLICY) -> None:
        self._dated = policy.dated("total_words", folder)

    def on(self, day: date) -> list[str]:
        """The words in force on a day."""
        return [str(row["word"]) for row in self._dated.on(day)]


def layout(
    names: Sequence[str], contract: Contract, forbidden: Sequence[ForbiddenTerm], width: int | None = None
) -> Layout:
    """The layout of the lines below a header.

    Args:
        names: Its names.
        contract: The contract.
        forbidden: Terms that no column name may contain.
        width: Fields of the lines, if they are not as many as the names.

    Raises:
        RefusedError: The names do not fit the contract.
    """
    for name in names:
        if any(term.matches(name) for term in forbidden):
            raise RefusedError(
                f"column {name} looks like data that may not be delivered (C3); remove it", name
            )
    # Core systems write names in capitals as often as not.
    found = [name.lower() for name in names]
    for name, times in Counter(found).items():
        if times > 1 and name:
            raise RefusedError(f"column {name} is in the header twice", name)
    known = [column.name for column in contract.columns]
    if not set(known) & set(found):
        separator = _other_separator(found, known)
        if separator:
            raise RefusedError(f"separates columns by {separator!r}; valid: a comma")
        raise RefusedError(f"has no header: line 1 names none of {', '.join(known)}")
    for column in contract.columns:
        if column.required and column.name not in found:
            header = ", ".join(names)
            shown = header if len(header) <= _SHOWN else f"{header[:_SHOWN]} …"
            raise RefusedError(
                f"required column {column.name} is missing; the header has {shown}", column.name
            )
    return Layout(
        width=width or len(names),
        positions=tuple(found.index(name) if name in found else None for name in known),
        names=without_trailing(found),
        extra=tuple(name or _UNNAMED for name in names if name.lower() not in known),
        missing=tuple(name for name in known if name not in found),
    )


def section(
    names: Sequence[str], number: int, above: Layout, contract: Contract, forbidden: Sequence[ForbiddenTerm]
) -> Layout:
    """The layout of the lines below a further header.

    Args:
        names: Its names.
        number: Its line.
        above: The layout of the lines above it.
        contract: The contract.
        forbidden: Terms that no column name may contain.

    Raises:
        RefusedError: The names do not fit the contract.
    """
    known = contract.names
    if not any(name.lower() in known for name in names):
        raise RefusedError(
            f"line {number} labels the columns in another order; valid: a header of their names"
        )
    # Lines that all end in empty fields still do so.
    surplus = above.width - len(above.names)
    width = len(without_trailing(names)) + surplus if surplus else len(names)
    try:
        return layout(names[:width], contract, forbidden, width)
    except RefusedError as error:
        raise RefusedError(f"line {number} is another header, but {error}", error.column) from error


def _other_separator(found: Sequence[str], known: Sequence[str]) -> str | None:
    for separator in _SEPARATORS:
        if {part.strip() for name in found for part in name.split(separator)} & set(known):
            return separator
    return None


@cache
def _words(column: str) -> str:
    """``cardPIN_code`` as `` card pin code ``; hundreds of files of an entity have the same header."""
    spaced = _BETWEEN_WORDS.sub(" ", column)
    return f" {spaced.lower()} "
