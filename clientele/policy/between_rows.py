"""What must hold between the rows of a policy file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from clientele.policy import first_match
from clientele.policy.declarations import Seed
from clientele.policy.numbered import Numbered, Row, grouped
from clientele.policy.problems import Problem
from clientele.policy.values import WrongValueError, value_of


def problems_between(seed: Seed, rows: Sequence[Numbered]) -> Iterator[Problem]:
    """Problems between the rows of a file, each of which is valid by itself."""
    yield from _periods(seed, rows) if seed.has_periods else _twice(seed, rows)
    if seed.every:
        yield from _missing_rows(seed, rows)
    if seed.every_year:
        yield from _missing_years(seed.every_year, rows)
    if seed.parameters:
        yield from _parameters(seed, rows)
    if seed.first_match:
        yield from first_match.problems(seed.first_match, rows)


def is_exception(seed: Seed, row: Row) -> bool:
    """Whether a row overrides others: on the days that a column names, or on a single day."""
    return bool(seed.exceptions) and bool(
        row[str(seed.exceptions)] or row["effective_from"] == row["effective_to"]
    )


def _about(seed: Seed, row: Row) -> str:
    return " ".join(str(row[column]) for column in seed.key if row[column] is not None)


def _twice(seed: Seed, rows: Sequence[Numbered]) -> Iterator[Problem]:
    for group in grouped(rows, lambda row: tuple(row[column] for column in seed.key)):
        for later in group[1:]:
            text = f"{_about(seed, later.row)} is in line {group[0].line} as well; keep one"
            yield Problem(later.line, ", ".join(seed.key), text)


def _periods(seed: Seed, rows: Sequence[Numbered]) -> Iterator[Problem]:
    backwards = {numbered.line for numbered in rows if numbered.last < numbered.first}
    for numbered in rows:
        if numbered.line in backwards:
            text = f"'{numbered.last}' lies before effective_from, {numbered.first}"
            yield Problem(numbered.line, "effective_to", text)

    def layer(row: Row) -> tuple[object, ...]:
        if seed.exceptions and row["effective_from"] == row["effective_to"]:
            return ("single day", *(row[column] for column in seed.key if column != seed.exceptions))
        return tuple(row[column] for column in seed.key)

    for group in grouped([numbered for numbered in rows if numbered.line not in backwards], layer):
        ordered = sorted(group, key=lambda numbered: (numbered.first, numbered.line))
        for earlier, later in pairwise(ordered):
            yield from _overlap(seed, earlier, later)
            if seed.is_gapless and not is_exception(seed, later.row):
                yield from _gap(seed, earlier, later)


def _overlap(seed: Seed, earlier: Numbered, later: Numbered) -> Iterator[Problem]:
    if later.first > earlier.last:
        return
    about, line = _about(seed, later.row), max(earlier.line, later.line)
    other = min(earlier.line, later.line)
    if earlier.first == later.first:
        yield Problem(
            line, "effective_from", f"'{later.first}' for {about} is in line {other} as well; keep one"
        )
        return
    until = min(earlier.last, later.last)
    period = f"from {later.first}" + (f" to {until}" if until < date.max else " on")
    close = later.first - timedelta(days=1)
    text = f"{about} has two rows in force {period}, lines {earlier.line} and {later.line}"
    yield Problem(line, "effective_from", f"{text}; end line {earlier.line} with effective_to {close}")


def _gap(seed: Seed, earlier: Numbered, later: Numbered) -> Iterator[Problem]:
    if later.first <= earlier.last or later.first - earlier.last == timedelta(days=1):
        return
    first, last = earlier.last + timedelta(days=1), later.first - timedelta(days=1)
    text = f"{_about(seed, later.row)} has no row in force from {first} to {last}, after line {earlier.line}"
    yield Problem(later.line, "effective_from", f"{text}; begin on {first} or end that line later")


def _missing_rows(seed: Seed, rows: Sequence[Numbered]) -> Iterator[Problem]:
    assert seed.every is not None
    found = {
        numbered.row[seed.every]
        for numbered in rows
        if all(numbered.row[column] == value for column, value in seed.among.items())
        and not is_exception(seed, numbered.row)
    }
    among = "".join(f", {column} {value or 'empty'}" for column, value in seed.among.items())
    for value in seed.column(seed.every).allowed:
        if value not in found:
            yield Problem(0, seed.every, f"no row for {value}{among}; add one")


def _missing_years(column: str, rows: Sequence[Numbered]) -> Iterator[Problem]:
    years = {numbered.row[column].year for numbered in rows}
    for year in range(min(years, default=0), max(years, default=0)):
        if year not in years:
            yield Problem(0, column, f"no row in {year}; the years from the first to the last row need some")


def _parameters(seed: Seed, rows: Sequence[Numbered]) -> Iterator[Problem]:
    found = set()
    for numbered in rows:
        topic, parameter, unit = (numbered.row[name] for name in ("topic", "parameter", "unit"))
        found.add((topic, parameter))
        known = seed.parameters.get((topic, parameter))
        if known is None:
            where = ", ".join(other for other, name in seed.parameters if name == parameter)
            hint = f"; {parameter} belongs to {where}" if where else ""
            text = f"{topic} / {parameter} is not read; the YAML beside the file lists what is{hint}"
            yield Problem(numbered.line, "parameter", text)
        elif unit != known:
            yield Problem(
                numbered.line, "unit", f"{unit!r} is not the unit of {topic} / {parameter}; write {known}"
            )
        else:
            yield from _parameter_value(seed, numbered, known)
    for topic, parameter in seed.parameters:
        if (topic, parameter) not in found:
            yield Problem(
                0, "parameter", f"no row for {topic} / {parameter}, which the project reads; add one"
            )


def _parameter_value(seed: Seed, numbered: Numbered, unit: str) -> Iterator[Problem]:
    try:
        value_of(numbered.row["value"], seed.units[unit], seed.column("value").minimum)
    except WrongValueError as error:
        yield Problem(numbered.line, "value", f"{error}, in the unit {unit}")
