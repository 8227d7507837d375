"""From the bytes of a CSV file to columns of text, one Arrow batch per block of whole records.

A record is one line, or several where a quoted text holds line ends. A broken record costs that record only.
Records are counted here, before any engine sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from orchestration.loading.reading.records.asides import Asides
from orchestration.loading.reading.records.blocks import Block, Malformed, has_invisible, trimmed
from orchestration.loading.reading.records.fields import split
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.no_records import BLANKS, INVISIBLE
from orchestration.loading.reading.records.parsing import parsed, parsed_texts
from orchestration.loading.reading.records.texts import Text, separated
from orchestration.loading.reading.records.whole_lines import Lines, UnreadableError, joined, whole_lines

__all__ = ["BLOCK_BYTES", "Block", "Malformed", "UnreadableError", "has_invisible", "read_blocks", "trimmed"]

BLOCK_BYTES = 8 << 20
_MARK = "\ufeff"
"""Byte order mark."""


def read_blocks(
    read: Callable[[int], bytes],
    encoding: str,
    layout: Layout,
    asides: Asides | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Block]:
    """Read a CSV file block by block.

    Args:
        read: Reads up to so many bytes of the file; empty at its end.
        encoding: utf-8 or gb18030.
        layout: Of the lines after the header.
        asides: Tells lines that are no records, such as further headers.
        block_bytes: Bytes to read at a time.

    Yields:
        The records after the header; lines of nothing but separators and blanks are none.

    Raises:
        UnreadableError: A line is longer than ``LONGEST_LINE``, or the text is in another encoding.
        RefusedError: A further header does not fit the contract.
    """
    reader = _Reader(encoding, layout, asides)
    for lines in whole_lines(read, block_bytes):
        if lines.numbers[0] == 1:
            lines = lines.without(np.array([0]))
        yield from reader.blocks(lines, is_end=False)
    yield from reader.blocks(Lines(b"", np.array([], np.int64)), is_end=True)


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
    fields = split(text)
    if fields is None:
        raise UnreadableError("the header has a quotation mark that is not closed")
    return [field.strip(f"{INVISIBLE}{BLANKS}").strip() for field in fields]


class _Reader:
    """Knows what a block needs of those before it: the layout of its section, lines that were held back."""

    def __init__(self, encoding: str, layout: Layout, asides: Asides | None) -> None:
        self._encoding = encoding
        self._layout = layout
        self._asides = asides
        self._header = 1
        self._rest: Lines | None = None

    def blocks(self, lines: Lines, is_end: bool) -> Iterator[Block]:
        lines, self._rest = joined(self._rest, lines), None
        while len(lines.numbers):
            found = separated(lines, self._layout.width, self._encoding, is_end)
            block = parsed(found.lines, self._encoding, self._layout, self._asides, self._header)
            if not block.sections:
                yield from filter(_holds_any, (block, self._texts(found.texts)))
                self._rest = found.rest
                break
            # What follows another header is read again, by it.
            self._header = min(block.sections)
            texts = [text for text in found.texts if text.number < self._header]
            yield from filter(_holds_any, (block.up_to(self._header), self._texts(texts)))
            self._layout = block.sections[self._header]
            after = int(np.searchsorted(lines.numbers, self._header, side="right"))
            lines = lines.between(after, len(lines.numbers))

    def _texts(self, texts: list[Text]) -> Block:
        return parsed_texts(texts, self._encoding, self._layout)


def _holds_any(block: Block) -> bool:
    return len(block.numbers) > 0 or len(block.malformed) > 0
