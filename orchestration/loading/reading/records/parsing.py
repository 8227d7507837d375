"""Parses the lines of a block, and takes out those that are no well-formed record.

Lines that cannot be read (bytes that do not decode, a stray quotation mark, a wrong number of fields) are
found by vectorised tests; what remains is certain to parse.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from orchestration.loading.reading.headers import RefusedError
from orchestration.loading.reading.records.asides import BELOW, SECTION, Asides
from orchestration.loading.reading.records.blocks import Block, Malformed, has_invisible, trimmed
from orchestration.loading.reading.records.fields import PADDING, QUOTED, split
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.no_records import records
from orchestration.loading.reading.records.texts import SHOWN, Text
from orchestration.loading.reading.records.whole_lines import Lines, UnreadableError

_CHINESE = re.compile("[\u4e00-\u9fff]")


def parsed(lines: Lines, encoding: str, layout: Layout, asides: Asides | None, header: int) -> Block:
    """Parse lines, each of which is a record or nothing.

    Args:
        lines: The lines.
        encoding: utf-8 or gb18030.
        layout: Their layout.
        asides: Tells lines that are no records.
        header: Number of the header above.

    Raises:
        UnreadableError: The text is in another encoding.
        RefusedError: A further header does not fit the contract.
    """
    return _Parse(encoding, layout, asides, header).block(lines)


def parsed_texts(texts: list[Text], encoding: str, layout: Layout) -> Block:
    """Parse records of several lines, which have been found to be well-formed or not."""
    good, malformed = [], []
    for text in texts:
        if reason := _unfit(text.data, encoding) or text.reason:
            raw = _shown(text.data[:SHOWN], encoding) + " …" * (len(text.data) > SHOWN)
            malformed.append(Malformed(text.number, raw, reason))
        else:
            good.append(text)
    raw = pa.array([text.data.decode(encoding) + "\n" for text in good], pa.string())
    columns = _columns(_bare(raw), layout, has_quotes=True, has_texts=True)
    numbers = np.array([text.number for text in good], np.int64)
    return Block(numbers, raw, columns, malformed, layout.positions)


class _Parse:
    """Parses the lines of a block, each of which is a record or nothing."""

    def __init__(self, encoding: str, layout: Layout, asides: Asides | None, header: int) -> None:
        self._encoding = encoding
        self._layout = layout
        self._asides = asides
        self._header = header
        self._malformed: list[Malformed] = []
        self._sections: dict[int, Layout] = {}
        self._refused: dict[int, RefusedError] = {}

    def block(self, lines: Lines) -> Block:
        width, encoding = self._layout.width, self._encoding
        lines = records(lines, encoding)
        if b"\0" in lines.data or b"\r" in lines.data:
            data = np.frombuffer(lines.data, np.uint8)
            forbidden = lines.at(np.flatnonzero((data == 0) | (data == 13)))
            lines = self._without(lines, forbidden, lambda line: _unfit(line, encoding) or "")
        if not lines.data.isascii():
            if encoding != "utf-8":
                _check_not_utf8(lines, encoding)
            try:
                text = lines.data.decode(encoding)
            except UnicodeDecodeError:
                undecodable = _undecodable(lines, encoding)
                lines = self._without(lines, undecodable, lambda line: _unfit(line, encoding) or "")
                text = lines.data.decode(encoding)
            if encoding != "utf-8":
                lines = Lines(text.encode(), lines.numbers)
                self._encoding = "utf-8"
        has_quotes, has_padding = b'"' in lines.data, False
        if has_quotes:
            misquoted, has_padding = _misquoted(lines, width)
            lines = self._without(lines, misquoted, self._why_unsplittable)
        try:
            columns = _columns(_parsable(lines, has_padding), self._layout, has_quotes)
        except pa.ArrowInvalid:
            # The parser stops at the first line with another number of fields; all are taken out at once.
            lines = self._without(lines, _miscounted(lines, width), self._why_unsplittable)
            columns = _columns(_parsable(lines, has_padding), self._layout, has_quotes)
        numbers, raw = lines.numbers, lines.raw
        if len(aside := self._told(lines, columns)):
            kept = np.delete(np.arange(len(numbers)), aside)
            numbers, raw = numbers[kept], raw.take(pa.array(kept))
            columns = [column.take(pa.array(kept)) for column in columns]
        # Lines are not looked at in their order; only the first header decides how the next is read.
        first = min((*self._sections, *self._refused), default=0)
        if first in self._refused:
            raise self._refused[first]
        malformed = sorted(self._malformed, key=lambda item: item.number)
        return Block(numbers, raw, columns, malformed, self._layout.positions, self._sections)

    def _without(self, lines: Lines, found: npt.NDArray[np.int64], reason: Callable[[bytes], str]) -> Lines:
        for index in found:
            line, number = lines.line(index), int(lines.numbers[index])
            told = self._aside(_shown(line, self._encoding), number) or reason(line)
            self._malformed.append(Malformed(number, _shown(line, self._encoding), told))
        return lines.without(found)

    def _told(self, lines: Lines, columns: list[pa.Array]) -> list[int]:
        """The lines that parse and are no records."""
        if not self._asides:
            return []
        below = np.flatnonzero(lines.numbers[:BELOW] <= self._header + BELOW)
        found = []
        for index in np.union1d(below, self._asides.suspects(columns, lines.raw, self._layout)):
            line, number = _shown(lines.line(index), self._encoding), int(lines.numbers[index])
            if told := self._aside(line, number):
                self._malformed.append(Malformed(number, line, told))
                found.append(int(index))
        return found

    def _aside(self, text: str, number: int) -> str | None:
        try:
            told = self._asides.told(text, number, self._layout, self._header) if self._asides else None
        except RefusedError as error:
            self._refused[number] = error
            return SECTION
        if isinstance(told, Layout):
            self._sections[number] = told
            return SECTION
        return told

    def _why_unsplittable(self, line: bytes) -> str:
        fields = split(line.decode())
        if fields is None:
            return "a quotation mark is not closed, or stands inside a field"
        return f"{len(fields)} field{'s' * (len(fields) != 1)} instead of {self._layout.width}"


def _shown(line: bytes, encoding: str) -> str:
    return line.decode(encoding, "backslashreplace").replace("\0", "\\x00")


def _unfit(line: bytes, encoding: str) -> str | None:
    """Why bytes are no text of a record; None if they are."""
    if b"\0" in line:
        return "the line holds a NUL byte"
    if b"\r" in line:
        return "the line holds a carriage return inside"
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return f"not valid {encoding}, byte 0x{line[error.start]:02x} at position {error.start + 1}"
    return None


def _parsable(lines: Lines, has_padding: bool) -> bytes:
    return _bare(lines.raw) if has_padding and lines.data else lines.data


def _bare(raw: pa.Array) -> bytes:
    # The parser takes a quotation mark after a blank for text.
    if not len(raw):
        return b""
    bare = pc.replace_substring_regex(raw, f"(^|,){PADDING}({QUOTED}){PADDING}", r"\1\2")
    return bytes(bare.buffers()[2].slice(0, pc.sum(pc.binary_length(bare)).as_py()))


def _columns(data: bytes, layout: Layout, has_quotes: bool, has_texts: bool = False) -> list[pa.Array]:
    if not data:
        return [pa.array([], pa.string()) for _ in layout.used]
    names = [str(position) for position in range(layout.width)]
    table = pcsv.read_csv(
        pa.BufferReader(data),
        # One block, so that every column is a single chunk; threads are better used downstream.
        read_options=pcsv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        parse_options=pcsv.ParseOptions(
            quote_char='"' if has_quotes else False, newlines_in_values=has_texts
        ),
        convert_options=pcsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[str(position) for position in layout.used],
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    invisible = has_invisible(data)
    return [trimmed(column.combine_chunks(), invisible) for column in table.columns]


def _undecodable(lines: Lines, encoding: str) -> npt.NDArray[np.int64]:
    # A line feed is never part of a longer character in either encoding, so an error stays in its line.
    found = []
    view = memoryview(lines.data)
    start = 0
    while start < len(view):
        try:
            str(view[start:], encoding)
            break
        except UnicodeDecodeError as error:
            index = int(np.searchsorted(lines.bounds, start + error.start, side="right")) - 1
            found.append(index)
            start = int(lines.bounds[index + 1])
    return np.array(found, np.int64)


def _check_not_utf8(lines: Lines, encoding: str) -> None:
    # Much of UTF-8 is valid gb18030 and reads as other characters. Few texts are both by chance, and none
    # of those holds Chinese.
    try:
        text = lines.data.decode()
    except UnicodeDecodeError:
        return
    if found := _CHINESE.search(text):
        line = lines.numbers[text.count("\n", 0, found.start())]
        raise UnreadableError(f"it is written in utf-8 (line {line}), but its contract says {encoding}")


def _misquoted(lines: Lines, width: int) -> tuple[npt.NDArray[np.int64], bool]:
    """The lines whose quotation marks are misplaced, and whether others have blanks outside of theirs."""
    raw = lines.raw
    quoted = _true(pc.match_substring(raw, '"'))
    padded = quoted[_true(pc.invert(_matches(raw, quoted, QUOTED, width)))]
    wrong = padded[_true(pc.invert(_matches(raw, padded, f"{PADDING}{QUOTED}{PADDING}", width)))]
    return wrong, len(wrong) < len(padded)


def _matches(raw: pa.Array, places: npt.NDArray[np.int64], quoted: str, width: int) -> pa.Array:
    field = f'(?:{quoted}|[^",]*)'
    return pc.match_substring_regex(raw.take(pa.array(places)), f"^{field}(?:,{field}){{{width - 1}}}\n$")


def _miscounted(lines: Lines, width: int) -> npt.NDArray[np.int64]:
    # Lines with quotation marks have passed _misquoted, which counts fields.
    unquoted = pc.invert(pc.match_substring(lines.raw, '"'))
    wrong = pc.not_equal(pc.count_substring(lines.raw, ","), width - 1)
    return _true(pc.and_(unquoted, wrong))


def _true(mask: pa.Array) -> npt.NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False)).astype(np.int64)
