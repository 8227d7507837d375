"""From the bytes of a CSV file to columns of text, one Arrow batch per block of whole lines.

One record is one line, so a broken line costs that line only. Lines that cannot be read (bytes that
do not decode, a stray quotation mark, a wrong number of fields) are found by vectorised tests and
taken out; what remains is certain to parse. Lines are counted here, before any engine sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

BLOCK_BYTES = 8 << 20
LONGEST_LINE = 4 << 20
"""Bytes; a longer line means that the file is not a CSV file, and would not fit in memory for long."""

_QUOTED = '"[^"]*(?:""[^"]*)*"'
_FIELD = re.compile(f',({_QUOTED}|[^",]*)')
_BACKSLASH = "backslashreplace"


class UnreadableError(Exception):
    """A file cannot be read on as a CSV file; the message says where and why."""


@dataclass(frozen=True)
class Malformed:
    """A line that has no fields: its number, its text and why (without a colon, which marks columns)."""

    number: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Block:
    """Parsed lines of one block; ``columns`` is parallel to ``numbers`` and ``raw``."""

    numbers: npt.NDArray[np.int64]
    raw: pa.Array
    columns: list[pa.Array]
    malformed: list[Malformed]

    @property
    def lines(self) -> int:
        """Records in the block, readable or not."""
        return len(self.numbers) + len(self.malformed)


@dataclass(frozen=True)
class Lines:
    """Whole lines, each ending in a line feed, with their numbers in the file."""

    data: bytes
    numbers: npt.NDArray[np.int64]

    @cached_property
    def bounds(self) -> npt.NDArray[np.int64]:
        """Offset of the first byte of each line, and of the end."""
        return _bounds(self.data)

    @property
    def raw(self) -> pa.Array:
        """The lines with their line feeds, without a copy; ``data`` must be UTF-8."""
        offsets = pa.py_buffer(self.bounds.astype(np.int32))
        return pa.StringArray.from_buffers(len(self.numbers), offsets, pa.py_buffer(self.data))

    def line(self, index: int) -> bytes:
        """One line without its line feed."""
        return self.data[self.bounds[index] : self.bounds[index + 1] - 1]

    def at(self, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The lines that contain the given byte offsets."""
        return np.unique(np.searchsorted(self.bounds, offsets, side="right") - 1)

    def without(self, dropped: npt.NDArray[np.int64]) -> Lines:
        """All lines but the given ones."""
        if not len(dropped):
            return self
        starts = self.bounds[np.concatenate(([0], dropped + 1))]
        ends = self.bounds[np.concatenate((dropped, [len(self.numbers)]))]
        data = b"".join(self.data[start:end] for start, end in zip(starts, ends, strict=True))
        return Lines(data, np.delete(self.numbers, dropped))


def read_blocks(
    read: Callable[[int], bytes], encoding: str, width: int, used: list[int], block_bytes: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Read a CSV file block by block.

    Args:
        read: Reads up to so many bytes of the file; empty at its end.
        encoding: utf-8 or gb18030.
        width: Fields in a line, as in the header.
        used: Positions of the fields to return.
        block_bytes: Bytes to read at a time.

    Yields:
        The lines after the header; blank lines are no records.

    Raises:
        UnreadableError: A line is longer than ``LONGEST_LINE``.
    """
    for lines in _whole_lines(read, block_bytes):
        yield _parse(lines, encoding, width, used)


def split_header(line: bytes, encoding: str) -> list[str]:
    """The column names of a header line.

    Args:
        line: The first line of the file, with or without its end.
        encoding: utf-8 or gb18030.

    Returns:
        The names as written, without a byte order mark and surrounding space.

    Raises:
        UnreadableError: The line does not decode, or its quotation marks are not balanced.
    """
    try:
        text = line.rstrip(b"\r\n").decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"the header is not valid {encoding} at byte {error.start + 1}") from error
    fields = _fields(text)
    if fields is None:
        raise UnreadableError("the header has a quotation mark that is not closed")
    return [field.strip() for field in fields]


def _whole_lines(read: Callable[[int], bytes], block_bytes: int) -> Iterator[Lines]:
    number = 1
    rest = b""
    while block := read(block_bytes):
        data, _, tail = (rest + block).rpartition(b"\n")
        if len(tail) > LONGEST_LINE:
            raise UnreadableError(f"a line after line {number} is longer than {LONGEST_LINE} bytes")
        rest = tail
        if data:
            yield from _numbered(data + b"\n", number)
            number += data.count(b"\n") + 1
    if rest:
        yield from _numbered(rest + b"\n", number)


def _numbered(data: bytes, first: int) -> Iterator[Lines]:
    data = data.replace(b"\r\n", b"\n") if b"\r" in data else data
    bounds = _bounds(data)
    lines = Lines(data, np.arange(first, first + len(bounds) - 1))
    no_record = np.diff(lines.bounds) == 1
    no_record[0] |= first == 1  # the header
    yield lines.without(np.flatnonzero(no_record))


def _parse(lines: Lines, encoding: str, width: int, used: list[int]) -> Block:
    malformed: list[Malformed] = []

    def take_out(found: npt.NDArray[np.int64], reason: Callable[[bytes], str]) -> None:
        nonlocal lines
        for index in found:
            line = lines.line(index)
            raw = line.decode(encoding, _BACKSLASH).replace("\0", "\\x00")
            malformed.append(Malformed(int(lines.numbers[index]), raw, reason(line)))
        lines = lines.without(found)

    if b"\0" in lines.data or b"\r" in lines.data:
        data = np.frombuffer(lines.data, np.uint8)
        take_out(lines.at(np.flatnonzero((data == 0) | (data == 13))), _forbidden_byte)
    if not lines.data.isascii():
        try:
            text = lines.data.decode(encoding)
        except UnicodeDecodeError:
            take_out(_undecodable(lines, encoding), lambda line: _why_undecodable(line, encoding))
            text = lines.data.decode(encoding)
        if encoding != "utf-8":
            lines = Lines(text.encode(), lines.numbers)
            encoding = "utf-8"
    has_quotes = b'"' in lines.data
    if has_quotes:
        take_out(_misquoted(lines, width), lambda line: _why_unsplittable(line, width))
    try:
        columns = _columns(lines.data, width, used, has_quotes)
    except pa.ArrowInvalid:
        # The parser stops at the first line with another number of fields; all are taken out at once.
        take_out(_miscounted(lines, width), lambda line: _why_unsplittable(line, width))
        columns = _columns(lines.data, width, used, has_quotes)
    return Block(lines.numbers, lines.raw, columns, sorted(malformed, key=lambda item: item.number))


def _columns(data: bytes, width: int, used: list[int], has_quotes: bool) -> list[pa.Array]:
    if not data:
        return [pa.array([], pa.string()) for _ in used]
    names = [str(position) for position in range(width)]
    table = pcsv.read_csv(
        pa.BufferReader(data),
        # One block, so that every column is a single chunk; threads are better used downstream.
        read_options=pcsv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        parse_options=pcsv.ParseOptions(quote_char='"' if has_quotes else False),
        convert_options=pcsv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=[str(position) for position in used],
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return [trimmed(column.combine_chunks()) for column in table.columns]


def trimmed(column: pa.Array) -> pa.Array:
    """A text column without surrounding white space; what is empty then is null."""
    column = pc.utf8_trim_whitespace(column)
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), column) if pc.any(empty).as_py() else column


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


def _misquoted(lines: Lines, width: int) -> npt.NDArray[np.int64]:
    raw = lines.raw
    quoted = _true(pc.match_substring(raw, '"'))
    field = f'(?:{_QUOTED}|[^",]*)'
    well_formed = pc.match_substring_regex(
        raw.take(pa.array(quoted)), f"^{field}(?:,{field}){{{width - 1}}}\n$"
    )
    return quoted[_true(pc.invert(well_formed))]


def _miscounted(lines: Lines, width: int) -> npt.NDArray[np.int64]:
    # Lines with quotation marks have passed _misquoted, which counts fields.
    unquoted = pc.invert(pc.match_substring(lines.raw, '"'))
    wrong = pc.not_equal(pc.count_substring(lines.raw, ","), width - 1)
    return _true(pc.and_(unquoted, wrong))


def _forbidden_byte(line: bytes) -> str:
    return "the line holds a NUL byte" if b"\0" in line else "the line holds a carriage return inside"


def _why_undecodable(line: bytes, encoding: str) -> str:
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return f"not valid {encoding}, byte 0x{line[error.start]:02x} at position {error.start + 1}"
    raise AssertionError("a line that decodes was taken for undecodable")


def _why_unsplittable(line: bytes, width: int) -> str:
    fields = _fields(line.decode())
    if fields is None:
        return "a quotation mark is not closed, or stands inside a field"
    return f"{len(fields)} field{'s' * (len(fields) != 1)} instead of {width}"


def _fields(text: str) -> list[str] | None:
    # The comma in front makes all fields alike; what the pattern leaves over is misplaced.
    text = f",{text}"
    fields = _FIELD.findall(text)
    if sum(map(len, fields)) + len(fields) != len(text):
        return None
    return [field[1:-1].replace('""', '"') if field[:1] == '"' else field for field in fields]


def _true(mask: pa.Array) -> npt.NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False)).astype(np.int64)


def _bounds(data: bytes) -> npt.NDArray[np.int64]:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    return np.concatenate(([0], ends + 1)).astype(np.int64, copy=False)
