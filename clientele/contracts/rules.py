"""The rules of a contract for one row, each defined once: the loader rejects by it, gate 1 judges by it.

A rule is a SQL condition on the typed columns of the row and its ``business_date``. A condition that is not
known, since a value is missing, breaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from clientele.contracts import identifiers
from clientele.contracts.model import Column, Limit
from clientele.sql import identifier, literal, literals

Kind = Literal[
    "required",
    "allowed",
    "pattern",
    "identifier",
    "minimum",
    "maximum",
    "exclusive_minimum",
    "exclusive_maximum",
    "not_after_delivery",
    "row_rule",
]


@dataclass(frozen=True)
class Rule:
    """One demand on the value of a column.

    Attributes:
        kind: What kind of demand.
        column: The column at which it is reported.
        broken: SQL condition that is true where a row breaks it.
        expected: The demand in words.
        wrong: SQL of what is wrong, appended to the value in messages.
        number: Which of its kind at the column, counted from 1.
    """

    kind: Kind
    column: Column
    broken: str
    expected: str
    wrong: str
    number: int = 1

    @property
    def name(self) -> str:
        """A name that no other rule of the contract has."""
        return f"{self.kind}__{self.column.name}" + (f"_{self.number}" if self.number > 1 else "")


def rules(column: Column) -> list[Rule]:
    """The demands on a column, in the order in which a row is judged by them."""
    return [rule for make in _MAKERS for rule in make(column, identifier(column.name))]


def _required(column: Column, value: str) -> Iterator[Rule]:
    if column.required:
        yield Rule(
            "required", column, f"{value} is null", "a value in every row", literal("required, but empty")
        )


def _allowed(column: Column, value: str) -> Iterator[Rule]:
    if column.allowed:
        expected = f"one of {', '.join(column.allowed)}"
        broken = f"{value} not in ({literals(column.allowed)})"
        yield Rule("allowed", column, broken, expected, literal(f" is not {expected}"))


def _pattern(column: Column, value: str) -> Iterator[Rule]:
    if column.pattern is not None:
        broken = f"not regexp_matches({value}, {literal(column.pattern)})"
        wrong = literal(f" does not match {column.pattern}")
        yield Rule("pattern", column, broken, f"text like {column.pattern}", wrong)


def _identifier(column: Column, value: str) -> Iterator[Rule]:
    if column.is_identifier and column.pattern is None and not column.allowed:
        yield Rule(
            "identifier", column, identifiers.is_broken(value), identifiers.EXPECTED, identifiers.wrong(value)
        )


def _limits(column: Column, value: str) -> Iterator[Rule]:
    is_day = column.type in ("date", "timestamp")
    # A limit is compared in the type of the column, since a wider one would make every comparison dearer.
    kind = "date" if is_day else column.type
    limited = f"{value}::date" if column.type == "timestamp" else value
    limits: tuple[tuple[Kind, Limit | None, str, str, str], ...] = (
        ("minimum", column.minimum, "<", "at least", "is below the minimum"),
        ("maximum", column.maximum, ">", "at most", "is above the maximum"),
        ("exclusive_minimum", column.exclusive_minimum, "<=", "more than", "is not more than"),
        ("exclusive_maximum", column.exclusive_maximum, ">=", "less than", "is not less than"),
    )
    for name, limit, beyond, expected, wrong in limits:
        if limit is None:
            continue
        if is_day:
            expected = {"at least": "on or after", "at most": "on or before"}[expected]
            wrong = f"is not {expected} the {'first' if name == 'minimum' else 'last'} day,"
        broken = f"{limited} {beyond} {literal(limit)}::{kind}"
        yield Rule(name, column, broken, f"{expected} {limit}", literal(f" {wrong} {limit}"))


def _not_after_delivery(column: Column, value: str) -> Iterator[Rule]:
    if column.not_after_delivery:
        broken = f"{value}::date > business_date"
        wrong = "' is after the business date ' || business_date"
        expected = "on or before the business date of the delivery"
        yield Rule("not_after_delivery", column, broken, expected, wrong)


def _row_rules(column: Column, value: str) -> Iterator[Rule]:
    for number, rule in enumerate(column.row_rules, start=1):
        said = rule.description
        wrong = literal(f" breaks the rule: {said}")
        yield Rule("row_rule", column, f"not ({rule.sql})", said, wrong, number)


_MAKERS: tuple[Callable[[Column, str], Iterator[Rule]], ...] = (
    _required,
    _allowed,
    _pattern,
    _identifier,
    _limits,
    _not_after_delivery,
    _row_rules,
)
