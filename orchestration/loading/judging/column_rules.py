"""The rules of a contract on one row, and for each row the first that it breaks.

A reason reads ``<column>: <what is wrong>``. Values of personal columns (C2) are not repeated in reasons: the
raw text next to them has them.
"""

from __future__ import annotations

from clientele.contracts import Column
from clientele.sql import identifier, literal
from orchestration.loading.judging import text_types

_SHOWN = 60
"""Characters of a value that a reason repeats."""
_NO_VALUE = ("NULL", "(NULL)", "\\N", "N/A", "#N/A", "NA", "NAN", "NONE", "-", "--")
"""What exports write where there is no value; a number of somebody or something is none of these."""


def reason(column: Column, text: str) -> str:
    """SQL of why a row is not acceptable for what it has in a column; null if it is, empty without any rule.

    Args:
        column: The column; its typed value stands beside the text.
        text: Column of the delivered text.
    """
    tests = [
        (condition, sentence)
        for condition, sentence in (
            _required(column, text),
            _wrong_type(column, text),
            _not_allowed(column, text),
            _wrong_pattern(column, text),
            _below_minimum(column, text),
            _after_delivery(column),
            _broken_rule(column, text),
        )
        if condition
    ]
    if not tests:
        return ""
    whens = (
        f"when {condition} then {literal(column.name + ': ')} || {sentence}" for condition, sentence in tests
    )
    return f"case {' '.join(whens)} end"


_Test = tuple[str, str]
"""A condition that is true where a row fails, and SQL of the sentence that says so; empty if not wanted."""
_NONE: _Test = ("", "")


def _required(column: Column, text: str) -> _Test:
    if not column.required:
        return _NONE
    if column.type != "varchar" or column.allowed or column.classification != "C1":
        return f"{text} is null", literal("required, but empty")
    words = ", ".join(literal(word) for word in _NO_VALUE)
    said = f"'required, but ' || coalesce({shown(column, text)}, 'empty')"
    return f"{text} is null or upper({text}) in ({words})", said


def _wrong_type(column: Column, text: str) -> _Test:
    if column.type == "varchar":
        return _NONE
    said = literal(f" is not {_article(column.type)} {column.type}")
    return text_types.is_wrong(column, text), f"{shown(column, text)} || {said}"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _not_allowed(column: Column, text: str) -> _Test:
    if not column.allowed:
        return _NONE
    valid = ", ".join(column.allowed)
    values = ", ".join(literal(value) for value in column.allowed)
    return f"{text} not in ({values})", f"{shown(column, text)} || {literal(' is not one of ' + valid)}"


def _wrong_pattern(column: Column, text: str) -> _Test:
    if column.pattern is None:
        return _NONE
    sentence = f"{shown(column, text)} || {literal(' does not match ' + column.pattern)}"
    return f"not regexp_matches({text}, {literal(column.pattern)})", sentence


def _below_minimum(column: Column, text: str) -> _Test:
    if column.minimum is None:
        return _NONE
    sentence = f"{shown(column, text)} || {literal(f' is below the minimum {column.minimum}')}"
    return f"{identifier(column.name)} < {column.minimum}", sentence


def _after_delivery(column: Column) -> _Test:
    if not column.not_after_delivery:
        return _NONE
    day = f"{identifier(column.name)}::date"
    shown = literal("the value") if column.classification == "C2" else f"{day}::varchar"
    return f"{day} > business_date", f"{shown} || ' is after the business date ' || business_date"


def _broken_rule(column: Column, text: str) -> _Test:
    if column.row_rule is None:
        return _NONE
    sentence = f"{shown(column, text)} || {literal(' breaks the rule: ' + column.row_rule.description)}"
    return f"not ({column.row_rule.sql})", sentence


def shown(column: Column, text: str) -> str:
    """SQL of a value as a reason repeats it."""
    return (
        literal("the value") if column.classification == "C2" else f"'''' || left({text}, {_SHOWN}) || ''''"
    )
