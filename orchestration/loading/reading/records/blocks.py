"""Blocks of records as columns of text, whatever file they come from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.no_records import BLANKS, INVISIBLE


@dataclass(frozen=True)
class Malformed:
    """A record without fields: its first line, its text and why; a colon comes only after a column's name."""

    number: int
    raw: str
    reason: str


@dataclass(frozen=True)
class Block:
    """Parsed records of one block; ``columns`` is parallel to ``numbers`` and ``raw``.

    Attributes:
        numbers: The first line of each record.
        raw: Its text.
        columns: Its fields, those of the positions that are not None.
        malformed: Records without fields.
        positions: For each contract column its position in a line; None: as the header of the file says.
        sections: Lines with another header, each with the layout of the lines after it.
    """

    numbers: npt.NDArray[np.int64]
    raw: pa.Array
    columns: list[pa.Array]
    malformed: list[Malformed]
    positions: tuple[int | None, ...] | None = None
    sections: dict[int, Layout] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """Records in the block, readable or not."""
        return len(self.numbers) + len(self.malformed)

    def up_to(self, number: int) -> Block:
        """The part of the block up to a line."""
        kept = int(np.searchsorted(self.numbers, number))
        return Block(
            self.numbers[:kept],
            self.raw.slice(0, kept),
            [column.slice(0, kept) for column in self.columns],
            [item for item in self.malformed if item.number <= number],
            self.positions,
        )


def has_invisible(data: bytes) -> bool:
    """Whether the text, in UTF-8, holds a character without width."""
    # A single byte is found ten times faster than several, and no Chinese character begins with these.
    if data.isascii() or not (b"\xe2" in data or b"\xef" in data):
        return False
    return any(character.encode() in data for character in INVISIBLE)


def trimmed(column: pa.Array, invisible: bool) -> pa.Array:
    """A text column without surrounding white space; what is empty then is null.

    Args:
        column: The text.
        invisible: There may be characters without width, which are dropped like white space.

    Returns:
        The text.
    """
    if invisible:
        column = pc.utf8_trim(column, f"{INVISIBLE}{BLANKS}")
    column = pc.utf8_trim_whitespace(column)
    empty = pc.equal(pc.binary_length(column), 0)
    return pc.if_else(empty, pa.scalar(None, pa.string()), column) if pc.any(empty).as_py() else column
