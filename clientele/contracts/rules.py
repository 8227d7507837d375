"""The rules of a contract for one row, each defined once: the loader rejects by it, gate 1 judges by it.

A rule is a SQL condition on the typed columns of the row and its ``business_date``. A condition that is not
known, since a value is missing, breaks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from clientele.contracts.model import Column
from clientele.sql import identifier, literal, literals

Kind = Literal["required", "allowed", "pattern", "minimum", "not_after_delivery", "row_rule"]


@dataclass(frozen=True)
class Rule:
    """One demand on the value of a column.

    Attributes:
        kind: What kind of demand.
        column: The column at which it is reported.
        broken: SQL condition that is true where a row breaks it.
        expected: The demand in words.
        wrong: SQL of what is wrong, appended to the value in messages.
    """

    kind: Kind
    column: Column
    broken: str
    expected: str
    wrong: str


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


def _minimum(column: Column, value: str) -> Iterator[Rule]:
    if column.minimum is not None:
        wrong = literal(f" is below the minimum {column.minimum}")
        yield Rule("minimum", column, f"{value} < {column.minimum}", f"at least {column.minimum}", wrong)


def _not_after_delivery(column: Column, value: str) -> Iterator[Rule]:
    if column.not_after_delivery:
        broken = f"{value}::date > business_date"
        wrong = "' is after the business date ' || business_date"
        expected = "on or before the business date of the delivery"
        yield Rule("not_after_delivery", column, broken, expected, wrong)


def _row_rule(column: Column, value: str) -> Iterator[Rule]:
    if column.row_rule:
        said = column.row_rule.description
        yield Rule(
            "row_rule", column, f"not ({column.row_rule.sql})", said, literal(f" breaks the rule: {said}")
        )


_MAKERS: tuple[Callable[[Column, str], Iterator[Rule]], ...] = (
    _required,
    _allowed,
    _pattern,
    _minimum,
    _not_after_delivery,
    _row_rule,
)
