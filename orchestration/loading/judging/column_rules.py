"""For each row, the first rule of its contract that it breaks, in words.

A reason reads ``<column>: <what is wrong>``. Values of personal columns (C2) are not repeated in reasons: the
raw text next to them has them.
"""

from __future__ import annotations

from collections.abc import Iterator

from clientele.contracts import Column
from clientele.contracts.rules import Rule, rules
from clientele.sql import identifier, literal
from orchestration.loading.judging import text_types
from orchestration.loading.judging.missing_values import MissingValues

_SHOWN = 60
"""Characters of a value that a reason repeats."""


def reason(column: Column, text: str, missing: MissingValues) -> str:
    """SQL of why a row is not acceptable for what it has in a column; null if it is, empty without any rule.

    Args:
        column: The column; its typed value stands beside the text.
        text: Column of the delivered text.
        missing: What means that there is no value.
    """
    whens = [
        f"when {condition} then {literal(column.name + ': ')} || {sentence}"
        for condition, sentence in _tests(column, text, missing)
    ]
    return f"case {' '.join(whens)} end" if whens else ""


def shown(column: Column, text: str) -> str:
    """SQL of a value as a reason repeats it."""
    return (
        literal("the value") if column.classification == "C2" else f"'''' || left({text}, {_SHOWN}) || ''''"
    )


def _tests(column: Column, text: str, missing: MissingValues) -> Iterator[tuple[str, str]]:
    """Conditions that are true where a row fails, each with SQL of the sentence that says so."""
    of_values = rules(column)
    if column.required:
        yield _empty(of_values.pop(0), text, missing)
    if column.type != "varchar":
        said = literal(f" is not {_article(column.type)} {column.type}")
        yield text_types.is_wrong(column, text, missing), f"{shown(column, text)} || {said}"
    for rule in of_values:
        value = shown(column, text)
        if rule.kind == "not_after_delivery" and column.classification == "C1":
            value = f"{identifier(column.name)}::date::varchar"
        if rule.kind == "row_rule":
            # It may ask for a value that is not there.
            value = f"coalesce({value}, 'empty')"
        yield rule.broken, f"{value} || {rule.wrong}"


def _empty(rule: Rule, text: str, missing: MissingValues) -> tuple[str, str]:
    """A missing required value; a text that is not a value of its type is reported as that instead."""
    column = rule.column
    said = f"'required, but ' || coalesce({shown(column, text)}, 'empty')"
    if column.type == "varchar" and not column.allowed and column.classification == "C1":
        return rule.broken, said
    unlikely = missing.is_true_value(column, text)
    return (f"{text} is null or {unlikely}", said) if unlikely else (f"{text} is null", rule.wrong)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
