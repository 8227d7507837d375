"""The lines of a CSV file with their numbers, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

LONGEST_LINE = 4 << 20
"""Bytes; a longer line means that the file is not a CSV file, and would not fit in memory for long."""

_END_OF_TEXT = b"\x1a"
"""Ctrl-Z, with which programs in the tradition of DOS end a text file."""


class UnreadableError(Exception):
    """A file cannot be read on as a CSV file; the message says where and why."""


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

    def between(self, start: int, stop: int) -> Lines:
        """The lines from one index up to another, which is left out."""
        return Lines(self.data[self.bounds[start] : self.bounds[stop]], self.numbers[start:stop])

    def without(self, dropped: npt.NDArray[np.int64]) -> Lines:
        """All lines but the given ones."""
        if not len(dropped):
            return self
        starts = self.bounds[np.concatenate(([0], dropped + 1))]
        ends = self.bounds[np.concatenate((dropped, [len(self.numbers)]))]
        data = b"".join(self.data[start:end] for start, end in zip(starts, ends, strict=True))
        return Lines(data, np.delete(self.numbers, dropped))


def whole_lines(read: Callable[[int], bytes], block_bytes: int) -> Iterator[Lines]:
    """Read a file block by block.

    Args:
        read: Reads up to so many bytes of the file; empty at its end.
        block_bytes: Bytes to read at a time.

    Yields:
        Its lines, the first of them the header.

    Raises:
        UnreadableError: A line is longer than ``LONGEST_LINE``.
    """
    number = 1
    rest = b""
    while block := read(block_bytes):
        data, end, tail = (rest + block).rpartition(b"\n")
        if len(tail) > LONGEST_LINE:
            place = number + (data + end).count(b"\n")
            raise UnreadableError(f"line {place} is longer than {LONGEST_LINE} bytes")
        rest = tail
        if end:
            yield _numbered(data + b"\n", number)
            number += data.count(b"\n") + 1
    if rest := rest.rstrip(_END_OF_TEXT):
        yield _numbered(rest + b"\n", number)


def _numbered(data: bytes, first: int) -> Lines:
    if b"\r" in data:  # doubled where a line end was translated twice
        data = data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    bounds = _bounds(data)
    lengths = np.diff(bounds)
    longest = int(lengths.argmax())
    if lengths[longest] > LONGEST_LINE:
        raise UnreadableError(f"line {first + longest} is longer than {LONGEST_LINE} bytes")
    return Lines(data, np.arange(first, first + len(lengths)))


def joined(first: Lines | None, second: Lines) -> Lines:
    """Lines that were held back, and those that follow them."""
    if first is None:
        return second
    return Lines(first.data + second.data, np.concatenate((first.numbers, second.numbers)))


def _bounds(data: bytes) -> npt.NDArray[np.int64]:
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    return np.concatenate(([0], ends + 1)).astype(np.int64, copy=False)
