"""Text as values of the contracted types, and how to tell such values from text that only looks like one."""

from __future__ import annotations

from clientele.contracts import Column
from clientele.sql import identifier, literal, literals
from orchestration.loading.judging.missing_values import MissingValues

_TIMESTAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_INTEGER = "[+-]?[0-9]+"


def typed(column: Column, text: str, missing: MissingValues) -> str:
    """SQL of the typed value; null where the text is no value of the type, or means that there is none."""
    if column.type == "varchar":
        return _text(column, text, missing)
    value = _value(column, text)
    unlikely = missing.is_true_value(column, text)
    return f"case when {unlikely} then null else {value} end" if unlikely else value


def _text(column: Column, text: str, missing: MissingValues) -> str:
    """SQL of a text; the cheap test comes first, so that words of policy are compared with few texts only."""
    is_missing = missing.is_one(column, text)
    if not is_missing or (column.required and column.allowed):
        return text
    usual = (
        f"{text} in ({literals(column.allowed)})"
        if column.allowed
        else f"strlen({text}) > {missing.longest(column)}"
    )
    return f"case when {usual} then {text} when {is_missing} then null else {text} end"


def _value(column: Column, text: str) -> str:
    if column.type == "boolean":
        true, false = f"lower({text}) in ('true', '1', 'y')", f"lower({text}) in ('false', '0', 'n')"
        return f"case when {true} then true when {false} then false end"
    return f"try_cast({text} as {column.type})"


def _is_canonical(column: Column, text: str) -> str:
    same = f"{identifier(column.name)}::varchar = {text}"
    # Infinity and years before 1 or after 9999 have a canonical form, too, but no place in a delivery.
    shape = {"date": f" and length({text}) = 10", "timestamp": f" and {text}[14] = ':'"}
    return same + shape.get(column.type, "")


def _is_equivalent(column: Column, text: str) -> str:
    if column.type == "date":
        return "false"
    if column.type == "timestamp":
        # Comparing the seconds refuses what the cast would carry over, such as 24:00:00.
        same = f"left({identifier(column.name)}::varchar, 19) = replace(left({text}, 19), 'T', ' ')"
        return f"regexp_full_match({text}, {literal(_TIMESTAMP)}) and {same}"
    if column.type in ("integer", "bigint"):
        return f"regexp_full_match({text}, {literal(_INTEGER)})"
    scale = column.type[:-1].partition(",")[2]
    exact = rf"{_INTEGER}(\.[0-9]{{1,{scale}}}0*)?"
    return f"regexp_full_match({text}, {literal(exact)})"


def is_wrong(column: Column, text: str, missing: MissingValues) -> str:
    """SQL of whether a text is no value of the type of its column; ``column`` must be typed beside it."""
    value = identifier(column.name)
    none = "" if column.required else missing.is_one(column, text)
    no_value = f"not ({none})" if none else "true"
    if column.type == "boolean":
        return f"case when {text} is null or {value} is not null then false else {no_value} end"
    # The engine rounds decimals and accepts other formats, so a cast alone is not enough. Nearly all
    # text is canonical and spared the regular expression; the case keeps the engine from reordering.
    return (
        f"case when {text} is null then false when {value} is null then {no_value} "
        f"when {_is_canonical(column, text)} then false else not ({_is_equivalent(column, text)}) end"
    )
