"""From the bytes of a CSV file to columns of text, one Arrow batch per block of whole lines.

One record is one line, so a broken line costs that line only. Lines that cannot be read (bytes that
do not decode, a stray quotation mark, a wrong number of fields, the header once more) are found by
vectorised tests and taken out; what remains is certain to parse. Lines are counted here, before any
engine sees them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from orchestration.loading.reading.whole_lines import Lines, UnreadableError, records, whole_lines

BLOCK_BYTES = 8 << 20
_QUOTED = '"[^"]*(?:""[^"]*)*"'
_FIELD = re.compile(f',(?:[ \\t]*({_QUOTED})[ \\t]*|([^",]*))')
_BACKSLASH = "backslashreplace"
_MARK = "\ufeff"
"""Byte order mark."""
_INVISIBLE = f"\u200b\u200e\u200f{_MARK}"
"""Characters without width, which web pages and concatenated files leave at the ends of values."""
_BLANKS = " \t\u00a0\u3000"
_CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Malformed:
    """A line that has no fields: its number, its text and why; a colon comes only after a column's name."""

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
        The lines after the header; lines of nothing but separators and blanks are no records.

    Raises:
        UnreadableError: A line is longer than ``LONGEST_LINE``, or the text is in another encoding.
    """
    header = None
    for lines in whole_lines(read, block_bytes):
        if header is None:
            header = lines.line(0).removeprefix(_MARK.encode(encoding))
        yield _parse(records(lines), header, encoding, width, used)


def split_header(line: bytes, encoding: str) -> list[str]:
    """The column names of a header line.

    Args:
        line: The first line of the file, with or without its end.
        encoding: utf-8 or gb18030.

    Returns:
        The names as written, without a byte order mark and surrounding space.

    Raises:
        UnreadableError: The line does not decode, its quotation marks are not balanced, or it is several.
    """
    if encoding != "utf-8" and line.startswith(_MARK.encode()):
        raise UnreadableError(f"it begins with the utf-8 byte order mark, but its contract says {encoding}")
    try:
        text = line.rstrip(b"\r\n").decode(encoding).lstrip(_MARK)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"the header is not valid {encoding} at byte {error.start + 1}") from error
    if "\0" in text:
        raise UnreadableError(f"the header holds NUL bytes, as UTF-16 does; its contract says {encoding}")
    if "\r" in text:
        raise UnreadableError("lines end in a carriage return alone; valid: a line feed, or both")
    fields = _fields(text)
    if fields is None:
        raise UnreadableError("the header has a quotation mark that is not closed")
    return [field.strip(f"{_INVISIBLE}{_BLANKS}").strip() for field in fields]


def _parse(lines: Lines, header: bytes, encoding: str, width: int, used: list[int]) -> Block:
    malformed: list[Malformed] = []

    def take_out(found: npt.NDArray[np.int64], reason: Callable[[bytes], str]) -> None:
        nonlocal lines
        for index in found:
            line = lines.line(index)
            raw = line.decode(encoding, _BACKSLASH).replace("\0", "\\x00")
            malformed.append(Malformed(int(lines.numbers[index]), raw, reason(line)))
        lines = lines.without(found)

    if header + b"\n" in lines.data:
        take_out(_repeated(lines, header, encoding), lambda line: "the header once more")
    if b"\0" in lines.data or b"\r" in lines.data:
        data = np.frombuffer(lines.data, np.uint8)
        take_out(lines.at(np.flatnonzero((data == 0) | (data == 13))), _forbidden_byte)
    if not lines.data.isascii():
        if encoding != "utf-8":
            _check_not_utf8(lines, encoding)
        try:
            text = lines.data.decode(encoding)
        except UnicodeDecodeError:
            take_out(_undecodable(lines, encoding), lambda line: _why_undecodable(line, encoding))
            text = lines.data.decode(encoding)
        if encoding != "utf-8":
            lines = Lines(text.encode(), lines.numbers)
            encoding = "utf-8"
    has_quotes, has_padding = b'"' in lines.data, False
    if has_quotes:
        misquoted, has_padding = _misquoted(lines, width)
        take_out(misquoted, lambda line: _why_unsplittable(line, width))
    try:
        columns = _columns(_parsable(lines, has_padding), width, used, has_quotes)
    except pa.ArrowInvalid:
        # The parser stops at the first line with another number of fields; all are taken out at once.
        take_out(_miscounted(lines, width), lambda line: _why_unsplittable(line, width))
        columns = _columns(_parsable(lines, has_padding), width, used, has_quotes)
    return Block(lines.numbers, lines.raw, columns, sorted(malformed, key=lambda item: item.number))


def _parsable(lines: Lines, has_padding: bool) -> bytes:
    # The parser takes a quotation mark after a blank for text.
    if not (has_padding and lines.data):
        return lines.data
    bare = pc.replace_substring_regex(lines.raw, f"(^|,)[ \\t]*({_QUOTED})[ \\t]*", r"\1\2")
    return bytes(bare.buffers()[2].slice(0, pc.sum(pc.binary_length(bare)).as_py()))


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
    invisible = has_invisible(data)
    return [trimmed(column.combine_chunks(), invisible) for column in table.columns]


def has_invisible(data: bytes) -> bool:
    """Whether the text, in UTF-8, holds a character without width."""
    # A single byte is found ten times faster than several, and no Chinese character begins with these.
    if data.isascii() or not (b"\xe2" in data or b"\xef" in data):
        return False
    return any(character.encode() in data for character in _INVISIBLE)


def trimmed(column: pa.Array, invisible: bool) -> pa.Array:
    """A text column without surrounding white space; what is empty then is null.

    Args:
        column: The text.
        invisible: There may be characters without width, which are dropped like white space.

    Returns:
        The text.
    """
    if invisible:
        column = pc.utf8_trim(column, f"{_INVISIBLE}{_BLANKS}")
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


def _repeated(lines: Lines, header: bytes, encoding: str) -> npt.NDArray[np.int64]:
    # Files that were put together keep their headers, and their byte order marks.
    starts = [found.start() for found in re.finditer(re.escape(header + b"\n"), lines.data)]
    ends_alike = lines.at(np.array(starts, np.int64))
    same = [lines.line(index).removeprefix(_MARK.encode(encoding)) == header for index in ends_alike]
    return ends_alike[same]


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
    padded = quoted[_true(pc.invert(_matches(raw, quoted, _QUOTED, width)))]
    wrong = padded[_true(pc.invert(_matches(raw, padded, f"[ \\t]*{_QUOTED}[ \\t]*", width)))]
    return wrong, len(wrong) < len(padded)


def _matches(raw: pa.Array, places: npt.NDArray[np.int64], quoted: str, width: int) -> pa.Array:
    field = f'(?:{quoted}|[^",]*)'
    return pc.match_substring_regex(raw.take(pa.array(places)), f"^{field}(?:,{field}){{{width - 1}}}\n$")


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
    found = list(_FIELD.finditer(text))
    if sum(len(field[0]) for field in found) != len(text):
        return None
    return [field[2] if field[1] is None else field[1][1:-1].replace('""', '"') for field in found]


def _true(mask: pa.Array) -> npt.NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False)).astype(np.int64)
