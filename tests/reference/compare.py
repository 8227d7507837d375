"""Say precisely how two sets of rows differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from clientele.settings import Settings
from tests.reference.lake import Row

SHOWN = 12


def served(home: Path, table: str, key: Sequence[str], where: str = "true") -> dict[Any, Row]:
    """Rows of a served table by the values of their key."""
    file = Settings(home=home).serving / "current" / "warehouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(f"select * from {table} where {where}")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    by_key = {tuple(row[name] for name in key): row for row in rows}
    assert len(by_key) == len(rows), f"{', '.join(key)} is not a key of {table}"
    return by_key


def differences(expected: Mapping[Any, Row], found: Mapping[Any, Row]) -> list[str]:
    """One line per missing, unexpected or differing row; only the columns of the oracle are compared."""
    lines = [f"missing {key}: {expected[key]}" for key in sorted(expected.keys() - found.keys(), key=str)]
    lines += [f"unexpected {key}: {found[key]}" for key in sorted(found.keys() - expected.keys(), key=str)]
    for key in sorted(expected.keys() & found.keys(), key=str):
        wrong = [
            f"{column} is {found[key][column]!r}, the oracle says {value!r}"
            for column, value in expected[key].items()
            if not _same(value, found[key][column])
        ]
        if wrong:
            lines.append(f"{key}: {'; '.join(wrong)}")
    return lines


def assert_same(expected: Mapping[Any, Row], found: Mapping[Any, Row]) -> None:
    """Fail with the rows that differ."""
    assert expected, "the oracle found nothing: an empty comparison proves nothing"
    lines = differences(expected, found)
    more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    assert not lines, "\n".join([f"{len(lines)} rows differ:", *lines[:SHOWN], *more])


def _same(expected: Any, found: Any) -> bool:
    """Equal; measurements in floating point to the six digits that are published."""
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) < 2e-6
    return bool(expected == found)
