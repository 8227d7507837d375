"""A field as a value of its type, or why it is not one and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from zoneinfo import available_timezones

import duckdb

from clientele.policy.declarations import PolicyColumn

Value = str | int | Decimal | bool | date | None
Vocabularies = dict[str, tuple[str, ...]]
"""Codes of each vocabulary of the labels, and the contracted entities as ``entity``."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LIKE_A_DATE = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?( 0?0:00(:00)?)?")
_LARGEST = 2**31 - 1
_CRON = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_CRON_PART = re.compile(r"(?:\*|([0-9]+)(?:-([0-9]+))?)(?:/([0-9]+))?")


class WrongValueError(ValueError):
    """A field is not a valid value of its column; the message says what is allowed."""


def typed(field: str, column: PolicyColumn, vocabularies: Vocabularies) -> Value:
    """The value of a field.

    Args:
        field: As it stands in the file, without its quotes.
        column: Its column.
        vocabularies: Values that columns may refer to.

    Returns:
        The value; None where an optional column is empty.

    Raises:
        WrongValueError: The field is no value of the column.
    """
    if not field:
        if column.required:
            raise WrongValueError(f"is empty; {_wanted(column)} is needed")
        return None
    _refuse_invisible(field)
    value = value_of(field, column.type, column.minimum)
    allowed = column.allowed
    if name := column.vocabulary or (column.format if column.format == "entity" else None):
        allowed = vocabularies.get(name, ())
    if allowed and field not in allowed:
        close = get_close_matches(_plain(field).lower(), allowed, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise WrongValueError(f"{field!r} is not allowed; valid: {', '.join(allowed)}{hint}")
    if column.pattern and not re.fullmatch(column.pattern, field):
        raise WrongValueError(f"{field!r} does not have the form {column.pattern}")
    if column.format == "regular expression":
        _compile(field)
    return value


def value_of(field: str, kind: str, minimum: int | None = None) -> Value:
    """The value of a text of a type.

    Args:
        field: The text.
        kind: varchar, integer, boolean, date, decimal(p,s), cron or time zone.
        minimum: Smallest allowed number.

    Returns:
        The value.

    Raises:
        WrongValueError: The text is no value of the type.
    """
    if kind == "boolean":
        if field not in ("true", "false"):
            raise WrongValueError(f"{field!r} is not a boolean; valid: true, false")
        return field == "true"
    if kind == "date":
        return _date(field)
    if kind == "cron":
        return _cron(field)
    if kind == "time zone":
        if field not in available_timezones():
            raise WrongValueError(f"{field!r} is not a time zone of the IANA list, such as Asia/Shanghai")
        return field
    if kind == "varchar":
        return field
    number = _number(field, kind)
    if minimum is not None and number < minimum:
        raise WrongValueError(f"{field!r} is too small; at least {minimum}")
    return number


def _wanted(column: PolicyColumn) -> str:
    if column.allowed:
        return f"one of {', '.join(column.allowed)}"
    return "a text" if column.type == "varchar" else f"a value of the type {column.type}"


def _refuse_invisible(field: str) -> None:
    if field != field.strip():
        raise WrongValueError(f"{field!r} has blanks at its ends; write {field.strip()!r}")
    for character in field:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") or character == "\ufffd":
            raise WrongValueError(f"{field!r} holds the invisible or broken character U+{ord(character):04X}")


def _plain(field: str) -> str:
    """The text with full-width characters as the plain ones they stand for."""
    return unicodedata.normalize("NFKC", field).strip()


def _number(field: str, kind: str) -> int | Decimal:
    if not _NUMBER.fullmatch(field):
        raise WrongValueError(f"{field!r} is not a number ({kind}){_number_hint(field)}")
    number = Decimal(field)
    if kind == "integer":
        if "." in field:
            raise WrongValueError(f"{field!r} is not a whole number (integer)")
        if abs(number) > _LARGEST:
            raise WrongValueError(f"{field!r} is too large; at most {_LARGEST}")
        return int(number)
    precision, scale = (int(digits) for digits in re.findall("[0-9]+", kind))
    if len(field.partition(".")[2].rstrip("0")) > scale:
        raise WrongValueError(f"{field!r} has more than {scale} decimals ({kind})")
    if abs(number) >= 10 ** (precision - scale):
        raise WrongValueError(f"{field!r} is too large; less than {10 ** (precision - scale)} ({kind})")
    return number


def _number_hint(field: str) -> str:
    text = _plain(field)
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(",", "")
    if re.fullmatch(r"-?[0-9]+,[0-9]+", text):
        text = text.replace(",", ".")
    if re.fullmatch(r"-?[0-9.]+%", text):
        text = f"{Decimal(text[:-1]) / 100:f}" if _NUMBER.fullmatch(text[:-1]) else text
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,2}", text):
        text = f"{Decimal(text):f}"
    return f"; write {text}" if _NUMBER.fullmatch(text) else ""


def _date(field: str) -> date:
    if _DATE.fullmatch(field):
        try:
            return date.fromisoformat(field)
        except ValueError:
            raise WrongValueError(f"{field!r} is not a day of the calendar") from None
    hint = "write it as YYYY-MM-DD"
    if like := _LIKE_A_DATE.fullmatch(_plain(field)):
        hint = f"write {like[1]}-{int(like[2]):02d}-{int(like[3]):02d}"
    raise WrongValueError(f"{field!r} is not a date; {hint}")


def _cron(field: str) -> str:
    parts = field.split(" ")
    if len(parts) != len(_CRON) or not all(
        _is_cron_part(piece, *limits)
        for part, limits in zip(parts, _CRON, strict=False)
        for piece in part.split(",")
    ):
        raise WrongValueError(
            f"{field!r} is not a cron schedule: minute, hour, day, month, day of the week, such as 0 5 * * *"
        )
    return field


def _is_cron_part(piece: str, least: int, most: int) -> bool:
    found = _CRON_PART.fullmatch(piece)
    if not found:
        return False
    first, last, step = (int(number) if number else None for number in found.groups())
    numbers = [number for number in (first, last) if number is not None]
    in_order = numbers == sorted(numbers) and all(least <= number <= most for number in numbers)
    # A step counts through a range: 5/10 would be read differently by different schedulers.
    return in_order and (step is None or (step > 0 and (first is None or last is not None)))


def _compile(pattern: str) -> None:
    try:
        duckdb.execute("select regexp_matches('', ?)", [pattern])
    except duckdb.Error as error:
        reason = str(error).partition("Error: ")[2].splitlines()[0]
        raise WrongValueError(f"{pattern!r} is not a regular expression of RE2: {reason}") from None
