"""Lines of a table that hold nothing: separators and blanks, as spreadsheets leave them."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from orchestration.loading.reading.records.whole_lines import Lines

INVISIBLE = "\u200b\u200e\u200f\ufeff"
"""Characters without width, which web pages and concatenated files leave at the ends of values."""
BLANKS = " \t\u000b\u000c\u00a0\u2002\u2003\u2009\u202f\u3000"
"""White space that is written between values, the no-break and the full-width blank among it."""

_LINE_FEED = 10


def _among(found: bytes) -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(256), list(found))


_PLAIN = _among(b", \t\n")


def records(lines: Lines, encoding: str) -> Lines:
    """The lines that hold anything.

    Args:
        lines: Lines without the header.
        encoding: Of the text.

    Returns:
        All but those of nothing but separators and blanks; what stands in quotation marks is a value.
    """
    if not len(lines.numbers):
        return lines
    starts = lines.bounds[:-1]
    data = np.frombuffer(lines.data, np.uint8)
    test = _test(encoding)
    # Rare, so that most blocks are spared a look at every byte.
    first, second = data[starts], data[np.minimum(starts + 1, len(data) - 1)]
    if not (test.begins[first] & (test.holds[second] | (first == _LINE_FEED))).any():
        return lines
    is_empty = np.logical_and.reduceat(_PLAIN[data], starts)
    for index in np.flatnonzero(np.logical_and.reduceat(test.holds[data], starts) & ~is_empty):
        is_empty[index] = bool(test.form.fullmatch(lines.line(int(index))))
    return lines.without(np.flatnonzero(is_empty))


class _Test(NamedTuple):
    """What an empty line begins with and is made of, by byte, and its form."""

    begins: npt.NDArray[np.bool_]
    holds: npt.NDArray[np.bool_]
    form: re.Pattern[bytes]


@cache
def _test(encoding: str) -> _Test:
    blanks = [character.encode(encoding) for character in BLANKS + INVISIBLE]
    blank = b"(?:" + b"|".join(re.escape(one) for one in blanks) + b")*"
    return _Test(
        begins=_among(b",\n" + bytes(one[0] for one in blanks)),
        holds=_among(b",\n" + b"".join(blanks)),
        form=re.compile(blank + b"(?:," + blank + b")*"),
    )
