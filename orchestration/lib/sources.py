"""One delivered file: whether it may be loaded, and its records as Arrow batches of text.

A file is inspected first (ending, header, control file), which costs one line of reading, and then
streamed once: hashed, counted and parsed on the way, in memory that does not grow with the file.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from orchestration.lib import lines
from orchestration.lib.contracts import Contract
from orchestration.lib.landing import CONTROL, ENDINGS, file_sha256
from orchestration.settings import ROOT

FORBIDDEN = ROOT / "seeds" / "policy" / "forbidden_columns.csv"
_PARQUET_ROWS = 1 << 16
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")
_UNREADABLE = (OSError, EOFError, zlib.error, pa.ArrowException, lines.UnreadableError)


class RefusedError(Exception):
    """A file for which its whole delivery is refused.

    Attributes:
        column: The column that is to blame, if one is.
    """

    def __init__(self, reason: str, column: str | None = None) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class ForbiddenTerm:
    """A term that no column name may contain, from ``seeds/policy/forbidden_columns.csv``."""

    term: str
    is_word: bool
    effective_from: date
    effective_to: date

    def matches(self, column: str, day: date) -> bool:
        """Whether the term is in force on the day and in the words of the column name."""
        words = _words(column)
        found = f" {self.term} " in words if self.is_word else self.term in words
        return found and self.effective_from <= day <= self.effective_to


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
    """

    path: Path
    encoding: str
    width: int
    positions: tuple[int | None, ...]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    control: Control | None


@dataclass
class Tally:
    """What was found out about a file while it was streamed, independently of the engine."""

    lines: int = 0
    sha256: str = ""


def forbidden_terms(file: Path = FORBIDDEN) -> list[ForbiddenTerm]:
    """Read the policy of forbidden column names."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [
            ForbiddenTerm(
                term=row["term"],
                is_word=row["match_type"] == "word",
                effective_from=date.fromisoformat(row["effective_from"]),
                effective_to=date.fromisoformat(row["effective_to"] or "9999-12-31"),
            )
            for row in csv.DictReader(stream)
        ]


def inspect(path: Path, contract: Contract, day: date, forbidden: Sequence[ForbiddenTerm]) -> Source:
    """Look at the ending, the header and the control file.

    Args:
        path: The delivered file.
        contract: The contract of its entity.
        day: Its business date.
        forbidden: Terms that no column name may contain.

    Returns:
        The source to stream.

    Raises:
        RefusedError: The file cannot be loaded under the contract.
    """
    if not path.name.endswith(ENDINGS):
        raise RefusedError(f"unknown ending; valid: {', '.join(ENDINGS)}")
    try:
        names = (
            _parquet_header(path) if path.name.endswith(".parquet") else _csv_header(path, contract.encoding)
        )
    except _UNREADABLE as error:
        raise RefusedError(f"cannot be read: {error}") from error
    for name in names:
        if any(term.matches(name, day) for term in forbidden):
            raise RefusedError(
                f"column {name} looks like data that may not be delivered (C3); remove it", name
            )
    # Core systems write names in capitals as often as not.
    found = [name.lower() for name in names]
    for name in found:
        if found.count(name) > 1:
            raise RefusedError(f"column {name} is in the header twice", name)
    known = [column.name for column in contract.columns]
    if not set(known) & set(found):
        raise RefusedError(f"has no header: line 1 names none of {', '.join(known)}")
    for column in contract.columns:
        if column.required and column.name not in found:
            header = ", ".join(names)
            raise RefusedError(
                f"required column {column.name} is missing; the header has {header}", column.name
            )
    return Source(
        path=path,
        encoding=contract.encoding,
        width=len(names),
        positions=tuple(found.index(name) if name in found else None for name in known),
        extra=tuple(name for name in names if name.lower() not in known),
        missing=tuple(name for name in known if name not in found),
        control=_control(path),
    )


def stream_schema(width: int) -> pa.Schema:
    """Schema of the batches: where the record is, why it is malformed, its text, its fields as text."""
    places = [("file_id", pa.int32()), ("business_date", pa.date32()), ("line", pa.int64())]
    texts = ["malformed", "raw", *(f"text_{number}" for number in range(width))]
    return pa.schema([*places, *((name, pa.string()) for name in texts)])


def stream(
    source: Source, file_id: int, day: date, tally: Tally, block_bytes: int = lines.BLOCK_BYTES
) -> Iterator[pa.RecordBatch]:
    """Read a file once.

    Args:
        source: The inspected file.
        file_id: Number that marks its records.
        day: Its business date.
        tally: Filled with line count and checksum; complete when the iterator ends.
        block_bytes: Bytes of a CSV file to read at a time.

    Yields:
        Batches of ``stream_schema``.

    Raises:
        RefusedError: The file turned out unreadable, or does not keep the promise of its control file.
    """
    read = (
        _parquet_blocks(source)
        if source.path.suffix == ".parquet"
        else _csv_blocks(source, tally, block_bytes)
    )
    try:
        for block in read:
            tally.lines += block.lines
            yield from _batches(block, source, file_id, day)
    except _UNREADABLE as error:
        raise RefusedError(f"cannot be read to its end: {error}") from error
    if not tally.sha256:
        tally.sha256 = file_sha256(source.path)
    _check_control(source.control, tally)


@cache
def _words(column: str) -> str:
    """``cardPIN_code`` as `` card pin code ``; hundreds of files of an entity have the same header."""
    spaced = _BETWEEN_WORDS.sub(" ", column)
    return f" {spaced.lower()} "


def _batches(block: lines.Block, source: Source, file_id: int, day: date) -> Iterator[pa.RecordBatch]:
    schema = stream_schema(len(source.positions))
    columns = iter(block.columns)
    good = len(block.numbers)
    if good:
        texts = [
            pa.nulls(good, pa.string()) if position is None else next(columns)
            for position in source.positions
        ]
        yield _batch(schema, file_id, day, block.numbers, [pa.nulls(good, pa.string()), block.raw, *texts])
    if bad := len(block.malformed):
        reasons = pa.array([item.reason for item in block.malformed], pa.string())
        raw = pa.array([item.raw for item in block.malformed], pa.string())
        numbers = np.array([item.number for item in block.malformed], np.int64)
        texts = [pa.nulls(bad, pa.string())] * len(source.positions)
        yield _batch(schema, file_id, day, numbers, [reasons, raw, *texts])


def _batch(
    schema: pa.Schema, file_id: int, day: date, numbers: np.typing.NDArray[np.int64], texts: list[pa.Array]
) -> pa.RecordBatch:
    ids = pa.array(np.full(len(numbers), file_id, np.int32))
    days = pa.array(np.full(len(numbers), (day - date(1970, 1, 1)).days, np.int32)).cast(pa.date32())
    return pa.record_batch([ids, days, pa.array(numbers), *texts], schema=schema)


def _csv_header(path: Path, encoding: str) -> list[str]:
    with ExitStack() as stack:
        read = _opened(path, stack, lambda block: None)
        first = bytearray()
        # A header is short; reading a whole block of each of hundreds of small files is not needed.
        while b"\n" not in first and len(first) < lines.LONGEST_LINE and (block := read(4096)):
            first += block
    line = bytes(first).partition(b"\n")[0]
    if not line.strip():
        raise lines.UnreadableError("there is no header" if first else "the file is empty, not even a header")
    return lines.split_header(line, encoding)


def _parquet_header(path: Path) -> list[str]:
    return list(pq.read_schema(path).names)


def _control(path: Path) -> Control | None:
    file = path.with_name(path.name + CONTROL)
    if not file.exists():
        return None
    text = file.read_bytes().decode("utf-8", "replace")
    found = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line)
    rows, sha256 = found.get("rows", "").strip(), found.get("sha256", "").strip().lower()
    if not rows.isascii() or not rows.isdigit() or not re.fullmatch("[0-9a-f]{64}", sha256):
        raise RefusedError(f"{file.name} is malformed; valid: rows=<data rows> and sha256=<64 hex digits>")
    return Control(int(rows), sha256)


def _check_control(control: Control | None, tally: Tally) -> None:
    if control and control.sha256 != tally.sha256:
        raise RefusedError(f"checksum is {tally.sha256}, the control file says {control.sha256}")
    if control and control.rows != tally.lines:
        raise RefusedError(f"holds {tally.lines} rows, the control file says {control.rows}")


def _csv_blocks(source: Source, tally: Tally, block_bytes: int) -> Iterator[lines.Block]:
    digest = hashlib.sha256()
    used = [position for position in source.positions if position is not None]
    with ExitStack() as stack:
        read = _opened(source.path, stack, digest.update)
        yield from lines.read_blocks(read, source.encoding, source.width, used, block_bytes)
    tally.sha256 = digest.hexdigest()


def _opened(path: Path, stack: ExitStack, seen: Callable[[bytes], None]) -> Callable[[int], bytes]:
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


def _parquet_blocks(source: Source) -> Iterator[lines.Block]:
    with pq.ParquetFile(source.path) as file:
        names = file.schema_arrow.names
        used = [names[position] for position in source.positions if position is not None]
        first = 2  # as if the names were line 1
        for batch in file.iter_batches(_PARQUET_ROWS, columns=used):
            numbers = np.arange(first, first + len(batch), dtype=np.int64)
            first += len(batch)
            texts = [_as_text(batch.column(name)) for name in used]
            raw = pc.binary_join_element_wise(*texts, ",", null_handling="replace")
            yield _without_nul(lines.Block(numbers, raw, [lines.trimmed(text) for text in texts], []))


def _as_text(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        # Lists, structures and bytes have no text form that fits a contract: shown, then rejected by type.
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())


def _without_nul(block: lines.Block) -> lines.Block:
    bad = pc.match_substring(block.raw, "\0")
    if not pc.any(bad).as_py():
        return block
    mask = bad.to_numpy(zero_copy_only=False)
    found = zip(block.numbers[mask], block.raw.filter(bad).to_pylist(), strict=True)
    return lines.Block(
        numbers=block.numbers[~mask],
        raw=block.raw.filter(pc.invert(bad)),
        columns=[column.filter(pc.invert(bad)) for column in block.columns],
        malformed=[
            lines.Malformed(int(number), raw.replace("\0", "\\x00"), "the line holds a NUL byte")
            for number, raw in found
        ],
    )
