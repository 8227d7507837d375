"""Texts about numbers: ``{growth:▲.1%} vs last month`` as SQL that writes them.

Only the format of a number is decided here. After the colon comes

- ``d``, ``.1f``, ``.1%``, ``.1pp``: whole, decimals, per cent or percentage points of a share; thousands
  with ``,``, the sign with ``+``, and with ``▲`` an arrow up or down in place of the sign;
- ``%Y-%m``: a date; nothing: the value as it is;
- ``? text`` and ``! text``: the text if the value is true or not zero, or if it is not.

A text with an unknown value is unknown too, and is replaced by ``empty``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from expanding.folder import AssetError

PLACE = re.compile(r"\{(\w+)(?::([^}]*))?\}")
NUMBER = re.compile(r"(?P<arrow>▲?)(?P<sign>\+?)(?P<comma>,?)(?:\.(?P<places>\d))?(?P<kind>d|f|%|pp)")
DATE = re.compile(r"%[YmdHM][-%YmdHM: ]*")
UNITS = {"%": " %", "pp": " pp"}


def expression(template: str, values: Mapping[str, str], empty: str | None = None) -> str:
    """Return the SQL of a text.

    Args:
        template: The text.
        values: The SQL of each value that it may name.
        empty: What to write where a value is not known.

    Raises:
        AssetError: It names a value that is not there, or a format that does not exist.
    """
    written = " || ".join(_pieces(template, values)) or "''"
    return f"coalesce({written}, {quoted(empty)})" if empty else written


def quoted(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def _pieces(template: str, values: Mapping[str, str]) -> Iterator[str]:
    end = 0
    for place in PLACE.finditer(template):
        if place.start() > end:
            yield quoted(template[end : place.start()])
        end = place.end()
        if place[1] not in values:
            raise AssetError(f"the text names {place[1]!r}, which is not defined before it")
        yield _written(f"({values[place[1]]})", place[2] or "")
    if end < len(template):
        yield quoted(template[end:])


def _written(value: str, look: str) -> str:
    if not look:
        return f"cast({value} as varchar)"
    if look[0] in "?!":
        shown, other = (look[1:], "") if look[0] == "?" else ("", look[1:])
        truth = f"cast({value} as boolean)"
        return f"case when {truth} then {quoted(shown)} when not {truth} then {quoted(other)} end"
    if DATE.fullmatch(look):
        return f"strftime({value}, {quoted(look)})"
    found = NUMBER.fullmatch(look)
    if found is None:
        raise AssetError(f"{look!r} is not a format for a value")
    return _number(value, found)


def _number(value: str, look: re.Match[str]) -> str:
    arrow = (
        f"case sign({value}) when 1 then '▲ ' when -1 then '▼ ' else '▬ ' end || " if look["arrow"] else ""
    )
    size = f"abs({value})" if look["arrow"] else value
    if look["kind"] == "d":
        return arrow + f"format('{{:{look['sign']}{look['comma']}}}', cast(round({size}) as bigint))"
    scaled = f"100.0 * {size}" if look["kind"] in UNITS else size
    pattern = f"{{:{look['sign']}{look['comma']}.{look['places'] or 0}f}}{UNITS.get(look['kind'], '')}"
    return arrow + f"format('{pattern}', cast({scaled} as double))"
