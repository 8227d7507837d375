"""For each row, the first rule of its contract that it breaks, in words.

A reason reads ``<column>: <what is wrong>``. Values of personal columns (C2) are not repeated in reasons: the
raw text next to them has them.
"""

from __future__ import annotations

from collections.abc import Iterator

from clientele.contracts import Column
from clientele.contracts.rules import Rule, rules
from clientele.sql import identifier, literal, literals
from orchestration.loading.judging import text_types
from orchestration.loading.judging.code_lists import CodeList

_SHOWN = 60
"""Characters of a value that a reason repeats."""
_NO_VALUE = ("NULL", "(NULL)", "\\N", "N/A", "#N/A", "NA", "NAN", "NONE", "-", "--")
"""What exports write where there is no value; a number of somebody or something is none of these."""


def reason(column: Column, text: str, codes: CodeList | None = None) -> str:
    """SQL of why a row is not acceptable for what it has in a column; null if it is, empty without any rule.

    Args:
        column: The column; its typed value stands beside the text.
        text: Column of the delivered text.
        codes: The closed list of the column, if it has one.
    """
    whens = [
        f"when {condition} then {literal(column.name + ': ')} || {sentence}"
        for condition, sentence in _tests(column, text, codes)
    ]
    return f"case {' '.join(whens)} end" if whens else ""


def shown(column: Column, text: str) -> str:
    """SQL of a value as a reason repeats it."""
    return (
        literal("the value") if column.classification == "C2" else f"'''' || left({text}, {_SHOWN}) || ''''"
    )


def _tests(column: Column, text: str, codes: CodeList | None) -> Iterator[tuple[str, str]]:
    """Conditions that are true where a row fails, each with SQL of the sentence that says so."""
    of_values = rules(column)
    if column.required:
        yield _empty(of_values.pop(0), text)
    if codes:
        unlisted = f"{text} is not null and {identifier(column.name)} is null"
        yield unlisted, f"{shown(column, text)} || {codes.unknown(text)}"
    if column.type != "varchar":
        said = literal(f" is not {_article(column.type)} {column.type}")
        yield text_types.is_wrong(column, text), f"{shown(column, text)} || {said}"
    for rule in of_values:
        value = shown(column, text)
        if rule.kind == "not_after_delivery" and column.classification == "C1":
            value = f"{identifier(column.name)}::date::varchar"
        yield rule.broken, f"{value} || {rule.wrong}"


def _empty(rule: Rule, text: str) -> tuple[str, str]:
    """A missing required value; a text that is not a value of its type is reported as that instead."""
    column = rule.column
    if column.type != "varchar" or column.allowed or column.vocabulary or column.classification != "C1":
        return f"{text} is null", rule.wrong
    said = f"'required, but ' || coalesce({shown(column, text)}, 'empty')"
    return f"{rule.broken} or upper({text}) in ({literals(_NO_VALUE)})", said


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
