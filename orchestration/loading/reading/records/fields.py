"""The fields of one line of text, and where a quotation mark leaves it open."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from orchestration.loading.reading.records.no_records import BLANKS, INVISIBLE

PADDING = f"[{BLANKS}{INVISIBLE}]*"
"""What may stand between a quotation mark and the separator beside it."""
QUOTED = '"[^"]*(?:""[^"]*)*"'

_FIELD = re.compile(f',(?:{PADDING}({QUOTED}){PADDING}|([^",]*))(?=,|\\Z)')
_OPENED = re.compile(f',{PADDING}"[^"]*(?:""[^"]*)*\\Z')
_CLOSED = re.compile(f'[^"]*(?:""[^"]*)*"{PADDING}(?=,|\\Z)')
_INSIDE = re.compile(r'[^"]*(?:""[^"]*)*\Z')
_LAST_MARK = re.compile(f'(?<!")(?:"")*"{PADDING}(?=,|\\Z)')


class Scan(NamedTuple):
    """What a line is, read from its beginning.

    Attributes:
        state: ``whole``: it ends where a field ends. ``open``: it ends inside of quotation marks. ``broken``:
            a mark stands where none may.
        fields: Fields that end in it, and the one that is open.
        commas: Separators, were all quotation marks text.
    """

    state: Literal["whole", "open", "broken"]
    fields: int
    commas: int


def split(text: str) -> list[str] | None:
    """The fields of a line without their quotation marks; None if a mark is misplaced or not closed."""
    # The comma in front makes all fields alike; what the pattern leaves over is misplaced.
    text = f",{text}"
    found = list(_FIELD.finditer(text))
    if sum(len(field[0]) for field in found) != len(text):
        return None
    return [field[2] if field[1] is None else field[1][1:-1].replace('""', '"') for field in found]


def scan(text: str, is_inside: bool = False) -> Scan:
    """Read a line.

    Args:
        text: The line without its end.
        is_inside: The line before it ended inside of quotation marks.
    """
    commas = text.count(",")
    at, fields = 0, 0
    if is_inside:
        closed = _CLOSED.match(text)
        if not closed:
            return Scan("open" if _INSIDE.match(text) else "broken", 1, commas)
        at, fields = closed.end(), 1
        if at == len(text):
            return Scan("whole", 1, commas)
    else:
        text = f",{text}"
    while field := _FIELD.match(text, at):
        at, fields = field.end(), fields + 1
        if at == len(text):
            return Scan("whole", fields, commas)
    return Scan("open" if _OPENED.match(text, at) else "broken", fields + 1, commas)


def closes(text: str, fields: int) -> bool:
    """Whether a line may end a quoted text that holds marks which are not doubled.

    Args:
        text: The line.
        fields: Fields of the record that end in it, the quoted one included.
    """
    for mark in _LAST_MARK.finditer(text):
        rest = text[mark.end() :]
        if scan(rest[1:]).fields + 1 == fields and scan(rest[1:]).state == "whole" if rest else fields == 1:
            return True
    return False


def begin_alike(first: str, second: str) -> bool:
    """Whether the first fields of two lines are made of the same kinds of characters, as keys are."""
    return _kinds(first) == _kinds(second)


def _kinds(text: str) -> frozenset[str]:
    start = text.partition(",")[0].strip(f'{BLANKS}{INVISIBLE}"')
    kinds = frozenset(map(_kind, start))
    # The letters of a key are there or not from one line to the next: 00a1, 0021.
    return frozenset({"digit"}) if "digit" in kinds and kinds <= {"digit", "letter"} else kinds


def _kind(character: str) -> str:
    if not character.isascii():
        return "other"
    if character.isdigit():
        return "digit"
    return "letter" if character.isalpha() else character
