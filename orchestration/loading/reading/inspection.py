"""Whether a delivered file may be loaded, by its ending, its header and its control file."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from clientele.contracts import Contract
from orchestration.loading.landing import CONTROL, ENDINGS
from orchestration.loading.reading import lines
from orchestration.loading.reading.headers import ForbiddenTerm, RefusedError, layout, section
from orchestration.loading.reading.records.asides import Asides
from orchestration.loading.reading.records.fields import split
from orchestration.loading.reading.records.layouts import Layout
from orchestration.loading.reading.records.trailing import fields_of_lines
from orchestration.loading.reading.records.whole_lines import LONGEST_LINE, UnreadableError

UNREADABLE = (OSError, EOFError, zlib.error, pa.ArrowException, UnreadableError)
"""What reading a damaged file raises."""

_SAMPLE = 1 << 16
"""Bytes below the header that may show how many fields the lines have."""

_FORMATS = {
    b"\x1f\x8b": "compressed; name it .csv.gz",
    b"PK\x03\x04": "a workbook or a zip file; save it as CSV",
    b"\xd0\xcf\x11\xe0": "a workbook; save it as CSV",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\xff\xfe": "written in UTF-16",
    b"\xfe\xff": "written in UTF-16",
}
"""What a file is that begins with these bytes instead of a header."""


@dataclass(frozen=True)
class Control:
    """What a control file promises about its file."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """A file that may be streamed.

    Attributes:
        path: The file.
        encoding: Of its text.
        width: Columns in the file.
        positions: For each contract column its position in the file; None where it is missing.
        extra: Delivered columns that the contract does not know.
        missing: Optional contract columns that were not delivered.
        control: The promise of its control file, if there is one.
        contract: The contract of its entity.
        layout: Of the lines of a CSV file.
        asides: Tells the lines of a CSV file that are no records.
    """

    path: Path
    encoding: str
    width: int
    positions: tuple[int | None, ...]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    control: Control | None
    contract: Contract
    layout: Layout
    asides: Asides | None = None


def inspect(
    path: Path, contract: Contract, forbidden: Sequence[ForbiddenTerm], totals: Sequence[str] = ()
) -> Source:
    """Look at the ending, the header and the control file.

    Args:
        path: The delivered file.
        contract: The contract of its entity.
        forbidden: Terms that no column name may contain.
        totals: Words that begin a line of totals.

    Returns:
        The source to stream.

    Raises:
        RefusedError: The file cannot be loaded under the contract.
    """
    if not path.name.endswith(ENDINGS):
        raise RefusedError(f"unknown ending; valid: {', '.join(ENDINGS)}")
    if path.is_symlink():
        raise RefusedError("is a link, whose target may be changed unnoticed; valid: the file itself")
    is_parquet = path.name.endswith(".parquet")
    try:
        names, below = (_parquet_header(path), []) if is_parquet else _csv_header(path, contract.encoding)
    except UNREADABLE as error:
        raise RefusedError(f"cannot be read: {error}") from error
    found = layout(names, contract, forbidden)
    if below and (width := fields_of_lines(names, below, contract)) != found.width:
        found = layout(names[:width], contract, forbidden, width)

    def section_below(names: Sequence[str], number: int, above: Layout) -> Layout:
        return section(names, number, above, contract, forbidden)

    return Source(
        path=path,
        encoding=contract.encoding,
        width=found.width,
        positions=found.positions,
        extra=found.extra,
        missing=found.missing,
        control=_control(path),
        contract=contract,
        layout=found,
        asides=None if is_parquet else Asides(contract, totals, section_below),
    )


def _csv_header(path: Path, encoding: str) -> tuple[list[str], list[str]]:
    """The names in the header, and the first lines below it where they have another number of fields."""
    with ExitStack() as stack:
        read = opened(path, stack, lambda block: None)
        first = bytearray()
        # A header is short; reading a whole block of each of hundreds of small files is not needed.
        while b"\n" not in first and len(first) < LONGEST_LINE and (block := read(4096)):
            first += block
        for mark, kind in _FORMATS.items():
            if first.startswith(mark):
                raise UnreadableError(f"it is {kind}")
        line = bytes(first).partition(b"\n")[0]
        if not line.strip():
            raise UnreadableError("there is no header" if first else "the file is empty, not even a header")
        names = lines.split_header(line, encoding)
        most = len(line) + _SAMPLE
        while first.count(b"\n") < 2 and len(first) < most and (block := read(4096)):
            first += block
        if len(split(_below(first, encoding)[0]) or []) == len(names):
            return names, []
        while len(first) < most and (block := read(_SAMPLE)):
            first += block
    below = _below(first, encoding)
    # The last line may go on behind what was read.
    return names, below[:-1] if len(first) >= most else below


def _below(first: bytearray, encoding: str) -> list[str]:
    text = first.partition(b"\n")[2].decode(encoding, "replace")
    return [line.rstrip("\r") for line in text.split("\n")]


def _parquet_header(path: Path) -> list[str]:
    names = pa.array(pq.read_schema(path).names, pa.string())
    return [name or "" for name in lines.trimmed(names, invisible=True).to_pylist()]


def _control(path: Path) -> Control | None:
    file = path.with_name(path.name + CONTROL)
    if not os.path.lexists(file):
        return None
    if file.is_symlink() or not file.is_file():
        raise RefusedError(f"{file.name} is not a file; valid: a file with rows= and sha256=")
    text = file.read_bytes().decode("utf-8-sig", "replace")
    said = [line.partition("=") for line in text.splitlines()]
    found = {key.strip().lower(): value.strip().lower() for key, _, value in said}
    rows, sha256 = found.get("rows", ""), found.get("sha256", "")
    told = [key.strip().lower() for key, _, _ in said]
    once = told.count("rows") == told.count("sha256") == 1
    if not (once and re.fullmatch("[0-9]{1,18}", rows) and re.fullmatch("[0-9a-f]{64}", sha256)):
        raise RefusedError(f"{file.name} is malformed; valid: rows=<data rows> and sha256=<64 hex digits>")
    return Control(int(rows), sha256)


def opened(path: Path, stack: ExitStack, seen: Callable[[bytes], None]) -> Callable[[int], bytes]:
    """Open a CSV file, compressed or not.

    Args:
        path: The file; a name ending in ``.gz`` is decompressed.
        stack: Closes the file.
        seen: Called with every block of bytes of the file as it was delivered.

    Returns:
        A function that reads up to so many bytes of text; empty at the end.
    """
    watched = _Watched(stack.enter_context(path.open("rb", buffering=1 << 20)), seen)
    return stack.enter_context(gzip.GzipFile(fileobj=watched)).read if path.suffix == ".gz" else watched.read


class _Watched(io.RawIOBase):
    """Shows every byte that passes, so that a file is read once for its checksum and its records."""

    def __init__(self, file: BinaryIO, seen: Callable[[bytes], None]) -> None:
        self._file = file
        self._seen = seen

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._seen(block)
        return block
