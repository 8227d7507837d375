"""The closed lists of codes that deliveries use, and what else may be written for a code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clientele.policy.declarations import POLICY
from clientele.policy.problems import PolicyError
from clientele.policy.reader import dated

FILE = "delivered_codes"


@dataclass(frozen=True)
class Spelling:
    """What may be written for a code of a list.

    Attributes:
        written: The text, in capitals.
        code: The code it stands for.
        first: The first of the days asked for on which it is in force.
        last: The last of them.
    """

    written: str
    code: str
    first: date
    last: date


def spellings(vocabulary: str, days: Iterable[date], folder: Path = POLICY) -> list[Spelling]:
    """The spellings of a list on some days.

    Args:
        vocabulary: Name of the list.
        days: Business dates, in any order.
        folder: Folder of the policy.

    Returns:
        The spellings in the order of the file, each with the days on which it is in force.

    Raises:
        PolicyError: The file is malformed, or the list is empty on one of the days.
    """
    found: dict[tuple[str, str, date], tuple[date, date]] = {}
    listed = dated(FILE, folder)
    for day in sorted(set(days)):
        rows = [row for row in listed.on(day) if row["vocabulary"] == vocabulary]
        if not rows:
            raise PolicyError(f"{FILE}.csv: no row of {vocabulary} in force on {day}; add one")
        for row in rows:
            key = (row["written"], row["code"], row["effective_from"])
            found[key] = (found[key][0] if key in found else day, day)
    return [Spelling(written, code, *span) for (written, code, _), span in found.items()]
