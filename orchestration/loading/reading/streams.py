"""A delivered file as Arrow batches of text: streamed once, hashed, counted and parsed on the way.

Memory does not grow with the file. Parquet becomes text, too, so that one set of checks judges both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from clientele.checksums import file_sha256
from orchestration.loading.reading import lines, parquet_files
from orchestration.loading.reading.headers import RefusedError
from orchestration.loading.reading.inspection import UNREADABLE, Control, Source, opened


@dataclass
class Tally:
    """What was found out about a file while it was streamed, independently of the engine.

    Attributes:
        lines: Its records, also those of several lines, and the lines that are named as none.
        sha256: Checksum of its bytes.
    """

    lines: int = 0
    sha256: str = ""


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
        parquet_files.blocks(source, day)
        if source.path.suffix == ".parquet"
        else _csv_blocks(source, tally, block_bytes)
    )
    try:
        for block in read:
            tally.lines += block.lines
            yield from _batches(block, source, file_id, day)
    except UNREADABLE as error:
        raise RefusedError(f"cannot be read to its end: {error}") from error
    if not tally.sha256:
        tally.sha256 = file_sha256(source.path)
    _check_control(source.control, tally)


def _batches(block: lines.Block, source: Source, file_id: int, day: date) -> Iterator[pa.RecordBatch]:
    schema = stream_schema(len(source.positions))
    columns = iter(block.columns)
    good = len(block.numbers)
    if good:
        texts = [
            pa.nulls(good, pa.string()) if position is None else next(columns)
            for position in block.positions or source.positions
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


def _check_control(control: Control | None, tally: Tally) -> None:
    if control and control.sha256 != tally.sha256:
        raise RefusedError(f"checksum is {tally.sha256}, but the control file says {control.sha256}")
    if control and control.rows != tally.lines:
        raise RefusedError(f"holds {tally.lines} rows, but the control file says {control.rows}")


def _csv_blocks(source: Source, tally: Tally, block_bytes: int) -> Iterator[lines.Block]:
    digest = hashlib.sha256()
    with ExitStack() as stack:
        read = opened(source.path, stack, digest.update)
        yield from lines.read_blocks(read, source.encoding, source.layout, source.asides, block_bytes)
    tally.sha256 = digest.hexdigest()
