"""Records of several lines: a line that ends inside of quotation marks goes on in the next (D-47).

From the line with the open mark to the line that closes it is one record, if it reads as one. A mark that
nobody closes must not swallow what follows, and a line of somebody's text must not become a row. The rules,
in this order, for a line that ends inside of quotation marks:

1. The text ends within ``MOST_LINES``, and the record has the fields of a record: it is one record. It is
   rejected if its first and its last line could be records of their own, each with a stray mark.
2. Otherwise the mark is stray where the line has the separators of a record and the lines after it are
   records: the line is rejected alone.
3. Otherwise the text ends at a mark before a separator, where that makes the fields of a record: from the
   first line to this one is one reject.
4. Otherwise the reject ends before the next lines that are records.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from orchestration.loading.reading.records.fields import Scan, begin_alike, closes, scan
from orchestration.loading.reading.records.no_records import BLANKS, INVISIBLE
from orchestration.loading.reading.records.whole_lines import LONGEST_LINE, Lines

MOST_LINES = 1000
"""Lines of a record; a quotation mark that is open for longer was never meant to be closed."""
IN_A_ROW = 2
"""Lines after an open mark that have to be records, to tell that it is not their beginning."""
SHOWN = 1 << 16
"""Bytes of a rejected text that are kept."""

_EMPTY = f'{BLANKS}{INVISIBLE},"'


@dataclass(frozen=True)
class Text:
    """A record of several lines: the number of its first, its bytes, and why it is rejected if it is."""

    number: int
    data: bytes
    reason: str | None


@dataclass(frozen=True)
class Separated:
    """Lines that are records of one line, records of several, and what cannot be told before more is read."""

    lines: Lines
    texts: list[Text] = field(default_factory=list)
    rest: Lines | None = None


def separated(lines: Lines, width: int, encoding: str, is_end: bool) -> Separated:
    """Take the records of several lines out of a block.

    Args:
        lines: The lines of a block, after those that were held back before.
        width: Fields of a record.
        encoding: Of the lines.
        is_end: Nothing follows.

    Returns:
        Every line in one of the three.
    """
    if b'"' not in lines.data:
        return Separated(lines)
    marks = (np.frombuffer(lines.data, np.uint8) == 34).view(np.uint8)
    # Only a line with an odd number of marks can end inside of them.
    odd = np.flatnonzero(np.bitwise_xor.reduceat(marks, lines.bounds[:-1]))
    if not len(odd):
        return Separated(lines)
    marked = np.flatnonzero(np.bitwise_or.reduceat(marks, lines.bounds[:-1]))
    search = _Search(lines, marked, width, encoding, is_end)
    texts: list[Text] = []
    taken, after = [np.array([], np.int64)], 0
    for start in odd:
        if start < after:
            continue
        found = search.text_at(int(start))
        if found == "more":
            rest = lines.between(int(start), len(lines.numbers))
            lines = lines.between(0, int(start))
            return Separated(lines.without(np.concatenate(taken)), texts, rest)
        if found == "alone" or found.end == start:
            continue
        after = found.end + 1
        taken.append(np.arange(start, after))
        data = lines.data[lines.bounds[start] : lines.bounds[after] - 1]
        texts.append(Text(int(lines.numbers[start]), data, found.reason))
    return Separated(lines.without(np.concatenate(taken)), texts)


@dataclass(frozen=True)
class _Found:
    end: int
    reason: str | None


class _Search:
    """Looks for the ends of texts in the lines of a block."""

    def __init__(
        self, lines: Lines, marked: npt.NDArray[np.int64], width: int, encoding: str, is_end: bool
    ) -> None:
        self._lines = lines
        self._marked = marked
        self._width = width
        self._encoding = encoding
        self._is_end = is_end
        self._count = len(lines.numbers)
        self._scanned = lru_cache(maxsize=2 * MOST_LINES)(lambda index: scan(self._text(index)))

    def text_at(self, start: int) -> _Found | Literal["alone", "more"]:
        """Where the text ends that a line begins; ``alone`` if the line is none or is to be judged alone."""
        first = self._scanned(start)
        if first.state != "open":
            return "alone"
        limit = self._limit(start)
        end, last, fields, is_cut = self._strict_end(start, limit, first)
        if last and fields == self._width:
            return _Found(end, self._doubt(start, end, first, last))
        if is_cut and limit == self._count and not self._is_end:
            return "more"
        follows = self._records_follow(start + 1, start, first)
        if first.commas == self._width - 1 and follows != "no":
            return "more" if follows == "more" else "alone"
        if last:
            return _Found(end, f"{fields} fields instead of {self._width}{self._until(end)}")
        return self._loose_end(start, limit, first)

    def _strict_end(self, start: int, limit: int, first: Scan) -> tuple[int, Scan | None, int, bool]:
        """The line that closes the text, the fields up to there, and whether lines to look at ran out."""
        fields = first.fields
        for index in self._marked_between(start, limit):
            line = scan(self._text(index), is_inside=True)
            fields += line.fields - 1
            if line.state == "whole":
                return index, line, fields, False
            if line.state == "broken" or fields > self._width:
                return index, None, fields, False
        return limit, None, fields, True

    def _doubt(self, start: int, end: int, first: Scan, last: Scan) -> str | None:
        """Why it cannot be told whether the lines are one record or several with stray marks."""
        if not first.commas == last.commas == self._width - 1:
            return None
        opening, closing = self._text(start), self._text(end)
        # A mark that stands alone in its field, as a ditto sign does, opens and closes nothing.
        is_alone = opening.rpartition('"')[2].startswith(",") and closing.partition('"')[0].endswith(",")
        if is_alone or begin_alike(opening, closing):
            return f"quotation marks that open in one record and close in another{self._until(end)}"
        return None

    def _loose_end(self, start: int, limit: int, first: Scan) -> _Found | Literal["more"]:
        wanted = self._width - first.fields + 1
        for index in self._marked_between(start, limit):
            if self._is_record(index, start, first):
                break
            if closes(self._text(index), wanted):
                return self._not_closed(index)
        else:
            if limit == self._count and not self._is_end:
                return "more"
        for index in range(start + 1, limit):
            follows = self._records_follow(index, start, first, may_end=False)
            if follows == "more":
                return "more"
            if follows == "yes":
                return self._not_closed(index - 1)
        return self._not_closed(limit - 1)

    def _records_follow(
        self, index: int, start: int, first: Scan, may_end: bool = True
    ) -> Literal["yes", "no", "more"]:
        """Whether lines from one on are records of their own, as far as there are any."""
        found, most = 0, min(self._count, index + MOST_LINES)
        while index < most:
            if not self._is_empty(index):
                if not self._is_record(index, start, first):
                    return "no"
                found += 1
                # No text holds well placed marks that are not doubled.
                if found == IN_A_ROW or '"' in self._text(index):
                    return "yes"
            elif not may_end and not found:
                return "no"
            index += 1
        if most == self._count and not self._is_end:
            return "more"
        return "yes" if may_end else "no"

    def _is_record(self, index: int, start: int, first: Scan) -> bool:
        """Whether a line is a record, or begins one as the first line does."""
        line = self._scanned(index)
        if line.state == "whole":
            return line.fields == self._width
        return (
            line.state == "open"
            and line.fields == first.fields
            and begin_alike(self._text(start), self._text(index))
        )

    def _not_closed(self, end: int) -> _Found:
        return _Found(end, f"a quotation mark is not closed, or stands inside a field{self._until(end)}")

    def _until(self, end: int) -> str:
        return f", up to line {self._lines.numbers[end]}"

    def _limit(self, start: int) -> int:
        bounds = self._lines.bounds
        by_size = int(np.searchsorted(bounds, bounds[start] + LONGEST_LINE, side="right")) - 1
        return max(start + 1, min(self._count, start + MOST_LINES, by_size))

    def _marked_between(self, start: int, limit: int) -> Iterator[int]:
        first, last = np.searchsorted(self._marked, [start + 1, limit])
        return map(int, self._marked[first:last])

    def _is_empty(self, index: int) -> bool:
        return not self._text(index).strip(_EMPTY)

    def _text(self, index: int) -> str:
        return self._lines.line(index).decode(self._encoding, "replace")
