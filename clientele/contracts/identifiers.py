"""What the text of an identifier may not be: damage that people cannot see, or that spreadsheets do to it.

An identifier is compared as it is written, letter by letter and case by case. So ``C1`` and ``C1`` with a
character without width, ``00005`` and ``'00005``, ``123`` and ``123.0`` would be customers of their own.
Digits, letters of any script, signs inside and leading zeros are nobody's damage and stay as they are; so
does ``12E5``, which only looks like a number.
"""

from __future__ import annotations

from clientele.sql import literal

EXPECTED = "an id without white space, invisible characters or marks of a spreadsheet"

_SUSPICIOUS = "*[!!-\"$-&(-*,--/-<>-~]*"
"""Anything but printable ASCII without ``# ' + . =``: what no usual identifier holds, for little time."""
_UNSEEN = (
    r"[\pC\pZ\s\x{034F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}\x{2800}\x{3164}"
    r"\x{FE00}-\x{FE0F}\x{FFA0}\x{FFFC}\x{FFFD}\x{E0100}-\x{E01EF}]"
)
"""White space, control and format characters, fillers that take part in no word, and broken characters."""
_MARKED = "^['\u2018\u2019\uff07`\u00b4=]|^#[A-Z0/]+[!?]$"
"""What a spreadsheet writes before a text that looks like a number, and the names of its errors."""
_NUMBER = r"^[+-]?[0-9]+(\.0+|\.[0-9]+[eE][+-]?[0-9]+|[eE]\+[0-9]+)$"
"""A number as tools write one that was read as a fraction: with ``.0``, or as a power of ten."""


def is_broken(value: str) -> str:
    """SQL of whether a text cannot be an identifier; false for a missing one."""
    found = f"regexp_matches({value}, {literal(f'{_UNSEEN}|{_MARKED}|{_NUMBER}')})"
    return f"case when {value} glob {literal(_SUSPICIOUS)} then {found} else false end"


def wrong(value: str) -> str:
    """SQL of what is wrong with such a text, appended to it in messages."""
    point = f"upper(to_base(unicode(regexp_extract({value}, {literal(_UNSEEN)})), 16))"
    return (
        f"case when regexp_matches({value}, {literal(_UNSEEN)}) "
        f"then ' holds U+' || lpad({point}, greatest(4, length({point})), '0') "
        "|| ', white space or a character that nobody sees, which an id does not have' "
        f"when regexp_matches({value}, {literal(_MARKED)}) "
        "then ' is written as a spreadsheet marks a text or an error, not as an id' "
        "else ' is written as a spreadsheet writes a number, not as an id' end"
    )
