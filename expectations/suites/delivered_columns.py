"""Gate 1, the columns: has a column that came before gone, and which one is new?

A source that renames a column sends a valid file in which all values of the column are unknown. So the
files of a delivery are held against the delivery before. One that is refused for it is no normal to compare
with, or the day after would pass because the day before lacked the column already (D-53).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import groupby

import duckdb

from clientele import policy
from clientele.contracts import Contract
from expectations.checks import Check, no_rows
from expectations.gate_1_database import ROWS, Window
from expectations.limits import Limits
from expectations.results import Severity
from expectations.suites.deliveries import DELIVERY_LIMITS

MEASURE = "columns_gone_max"
_ALIKE = 0.6
"""Least likeness of two names, from 0 to 1, of which one may be the other misspelt."""
_COMMON = {"id", "no", "on", "at", "of", "is", "date", "time", "code", "name"}
"""Words that say nothing about which column it is."""
_NAMED, _LETTERS = 5, 40
"""New columns that are named, and letters shown of each."""
_NUMBER = re.compile(r"\d{6}")


@dataclass(frozen=True)
class _File:
    """A delivered file: the columns of the contract that it has, and the others."""

    name: str
    known: frozenset[str]
    extra: frozenset[str]


@dataclass(frozen=True)
class _Delivery:
    day: date
    files: tuple[_File, ...]

    @property
    def columns(self) -> frozenset[str]:
        """All columns of all files."""
        return frozenset().union(*(file.known | file.extra for file in self.files))

    def gone_since(self, before: _Delivery) -> Iterator[tuple[_File, str]]:
        """What the delivery before had in all of its files, or in some and this one in none."""
        everywhere = frozenset.intersection(*(file.known for file in before.files))
        nowhere = frozenset().union(*(file.known for file in before.files)) - self.columns
        for file in self.files:
            for column in sorted((everywhere | nowhere) - file.known):
                yield file, column


def column_checks(
    connection: duckdb.DuckDBPyConnection, contract: Contract, window: Window, limits: Limits
) -> list[Check]:
    """The check on the columns of an entity's deliveries in the window.

    Args:
        connection: The entity's temporary database; the table ``columns_gone`` is added.
        contract: The entity.
        window: Business dates that are judged; at least one delivery before it is in ``audit``.
        limits: The policy; the rows in force on the date of each delivery are used.

    Returns:
        One check per limit.

    Raises:
        PolicyError: A limit is missing.
    """
    connection.execute(
        "create table columns_gone (business_date date, file varchar, column_name varchar, "
        "did_you_mean varchar, severity varchar, way_out varchar)"
    )
    compared = 0
    new: list[str] = []
    before: _Delivery | None = None
    for delivery in _deliveries(connection, contract):
        gone = list(delivery.gone_since(before)) if before else []
        broken = _broken(contract, delivery, gone, limits)
        if before and window.first <= delivery.day <= window.last:
            compared += 1
            new += _new(delivery, before)
            for severity, columns in broken.items():
                _note(connection, contract, delivery, before, columns, severity)
        if "error" not in broken:
            before = delivery
    said = f"as in the delivery before, in {compared:,} deliveries" + (
        f"; new: {_listed(new)}" if new else ""
    )
    return [
        no_rows(
            "columns",
            ROWS,
            f"""
            select business_date, file, column_name as "column that is gone",
                did_you_mean as "did you mean",
                way_out as "if the source no longer delivers it, add this line with its owner and reason to
                    {DELIVERY_LIMITS}"
            from columns_gone where severity = '{limit.severity}' order by business_date, file, column_name
            """.replace("\n                    ", " "),
            "every column of the delivery before"
            + (", except personal ones" if limit.severity == "error" else ""),
            said,
            limit.severity,
            "" if compared else "no delivery before to compare with",
        )
        for limit in limits.on(window.last, MEASURE, contract.name)
    ]


def _deliveries(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[_Delivery]:
    # A file without rows leaves nothing unknown. Audits from before the columns were noted say nothing;
    # those that a contract lacked then are in no list.
    rows = connection.execute(
        "select business_date, file, found_columns, coalesce(extra_columns, '') "
        "from audit where status = 'loaded' and found_columns <> '' order by business_date, file"
    ).fetchall()
    return [
        _Delivery(
            day,
            tuple(
                _File(file, _names(found) & set(contract.names), _names(extra))
                for _, file, found, extra in files
            ),
        )
        for day, files in groupby(rows, key=lambda row: row[0])
    ]


def _names(listed: str) -> frozenset[str]:
    return frozenset(filter(None, listed.split(",")))


def _broken(
    contract: Contract, delivery: _Delivery, gone: Sequence[tuple[_File, str]], limits: Limits
) -> dict[Severity, list[tuple[_File, str]]]:
    """By severity the columns over its limit: no figure is made of personal ones, so these only warn."""
    personal = {column.name for column in contract.columns if column.classification != "C1"}
    found: dict[Severity, list[tuple[_File, str]]] = {}
    for limit in limits.on(delivery.day, MEASURE, contract.name):
        counted = [pair for pair in gone if limit.severity == "warn" or pair[1] not in personal]
        if len({column for _, column in counted}) > limit.value:
            found[limit.severity] = counted
    return found


def _note(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery: _Delivery,
    before: _Delivery,
    gone: Sequence[tuple[_File, str]],
    severity: Severity,
) -> None:
    way_out = _way_out(contract, delivery.day, len({column for _, column in gone}))
    for number, (file, column) in enumerate(gone):
        meant = look_alike(column, file.extra - before.columns)
        connection.execute(
            "insert into columns_gone values (?, ?, ?, ?, ?, ?)",
            [
                delivery.day,
                file.name,
                column,
                meant and _short(meant),
                severity,
                # Once per delivery: the line lets all of them pass.
                f"\n{way_out}" if number == 0 and severity == "error" else None,
            ],
        )


def _way_out(contract: Contract, day: date, columns: int) -> str:
    """The policy line that accepts the delivery of a day as it is; the days after are compared with it."""
    return policy.line(
        "delivery_limits",
        {
            "entity": contract.name,
            "check_name": MEASURE,
            "limit_value": columns,
            "severity": "error",
            "owner": "<owner>",
            "rationale": "<reason>",
            "effective_from": str(day),
            "effective_to": str(day),
        },
    )


def _new(delivery: _Delivery, before: _Delivery) -> Iterator[str]:
    """The columns that are new, and the files that bring them."""
    for file in delivery.files:
        for column in sorted((file.known | file.extra) - before.columns):
            yield f"{_short(column)} in {file.name} of {delivery.day}"


def _listed(new: Sequence[str]) -> str:
    more = f" and {len(new) - _NAMED:,} more" if len(new) > _NAMED else ""
    return ", ".join(new[:_NAMED]) + more


def _short(column: str) -> str:
    """A column name as it is shown; one that is a number may be somebody's, who forgot the header."""
    return "a number" if _NUMBER.search(column) else column[:_LETTERS]


def look_alike(column: str, candidates: Iterable[str]) -> str | None:
    """The new name of a column, if one of the candidates looks like it, or is the only one.

    Args:
        column: The column that is gone, as the contract names it.
        candidates: Columns that are new and that the contract does not know.

    Returns:
        A candidate; None where nothing speaks for one of several.
    """
    ranked = sorted(((_likeness(column, other), other) for other in candidates), reverse=True)
    if not ranked or (ranked[0][0] < _ALIKE and len(ranked) > 1):
        return None
    return ranked[0][1]


def _likeness(column: str, other: str) -> float:
    """From 0 to 1; names of which one abbreviates the other, or that share a word, are alike."""
    words, others = _words(column), _words(other)
    first, second = sorted(("".join(words), "".join(others)), key=len)
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    letters = iter(second)
    shortens = len(first) > 1 and first[0] == second[0] and all(letter in letters for letter in first)
    shares = bool(set(words) & set(others) - _COMMON)
    return max(ratio, _ALIKE + ratio / 10 if shortens or shares else 0)


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+", " ", name).lower().split()
