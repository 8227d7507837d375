"""Parquet files as blocks of text: which columns are read, and what their writer meant by its times."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clientele import policy
from orchestration.loading.reading import lines, parquet_text
from orchestration.loading.reading.inspection import Source

_ROWS = 1 << 16
_FIRST = 2
"""Number of the first row, as if the names were line 1."""
_WRITES_UTC = "parquet-mr"
"""Spark and Hive write times of 96 bits in UTC; Impala, pandas and others write them as they are."""
_SPARK = b"org.apache.spark.version"
_OF_96_BITS = "INT96"


def blocks(source: Source, day: date) -> Iterator[lines.Block]:
    """Read a file in blocks of rows.

    Args:
        source: The inspected file.
        day: Its business date, which decides the bank's time zone.

    Yields:
        The rows, of the columns that the contract knows.

    Raises:
        RefusedError: The type of a column cannot hold what the contract asks for.
    """

    @cache
    def zone() -> str:
        return policy.parameter("refresh", "time_zone", day)

    wanted = [
        parquet_text.asked(source.contract, column, zone)
        for column, position in zip(source.contract.columns, source.positions, strict=True)
        if position is not None
    ]
    number = _FIRST
    for columns in _columns(source):
        yield _block(wanted, columns, number)
        number += len(columns[0])


def _columns(source: Source) -> Iterator[list[pa.Array]]:
    with ExitStack() as stack:
        # In nanoseconds, times of 96 bits before 1678 and after 2261 become others unnoticed.
        file = stack.enter_context(pq.ParquetFile(source.path, coerce_int96_timestamp_unit="us"))
        # Names may have blanks around them, or capitals.
        names = [file.schema_arrow.names[position] for position in source.positions if position is not None]
        long_times = [name for name in names if name in _long_times(file)]
        batches = file.iter_batches(_ROWS, columns=names)
        if not long_times:
            yield from ([batch.column(name) for name in names] for batch in batches)
            return
        exact = stack.enter_context(pq.ParquetFile(source.path)).iter_batches(_ROWS, columns=long_times)
        instants = _instants(file)
        for batch, nanoseconds in zip(batches, exact, strict=True):
            found = {
                name: _long_time(batch.column(name), nanoseconds.column(name), name in instants)
                for name in long_times
            }
            yield [found.get(name, batch.column(name)) for name in names]


def _long_times(file: pq.ParquetFile) -> set[str]:
    """Names of the columns of times of 96 bits."""
    columns = (file.schema.column(number) for number in range(len(file.schema)))
    return {column.path for column in columns if column.physical_type == _OF_96_BITS}


def _long_time(cut: pa.Array, exact: pa.Array, is_instant: bool) -> pa.Array:
    """Times in nanoseconds where any of them would be cut, else in microseconds, which reach all years."""
    # Whatever was carried over, the difference is what was cut.
    rest = (
        exact.view(pa.int64()).fill_null(0).to_numpy() - cut.view(pa.int64()).fill_null(0).to_numpy() * 1000
    )
    times = exact if rest.any() else cut
    return times.view(pa.timestamp(times.type.unit, "UTC" if is_instant else None))


def _instants(file: pq.ParquetFile) -> set[str]:
    """Names of the columns whose times are in UTC where their type cannot say so."""
    notes = file.metadata.metadata or {}
    if str(file.metadata.created_by).startswith(_WRITES_UTC) or _SPARK in notes:
        return _long_times(file)
    found = set()
    if b"ARROW:schema" in notes:
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(notes[b"ARROW:schema"])))
        found |= {field.name for field in schema if pa.types.is_timestamp(field.type) and field.type.tz}
    return found | _with_zone(notes.get(b"pandas", b""))


def _with_zone(note: bytes) -> set[str]:
    """Names of the columns that pandas had with a time zone; none if its note says something else."""
    try:
        columns = json.loads(note)["columns"]
        return {item["field_name"] for item in columns if item["pandas_type"] == "datetimetz"}
    except (ValueError, KeyError, TypeError):
        return set()


def _block(wanted: list[parquet_text.Asked], columns: list[pa.Array], first: int) -> lines.Block:
    texts, faults = parquet_text.as_text(wanted, columns, first)
    raw = pc.binary_join_element_wise(*texts, ",", null_handling="replace")
    invisible = lines.has_invisible(bytes(raw.buffers()[2] or b""))
    trimmed = [lines.trimmed(text, invisible) for text in texts]
    numbers = np.arange(first, first + len(raw), dtype=np.int64)
    return _without(lines.Block(numbers, raw, trimmed, []), faults)


def _without(block: lines.Block, faults: dict[int, str]) -> lines.Block:
    # A later fault of a line does not hide the first; NUL bytes come last.
    nul = pc.indices_nonzero(pc.match_substring(block.raw, "\0")).to_pylist()
    faults = {**dict.fromkeys(nul, "the line holds a NUL byte"), **faults}
    if not faults:
        return block
    good = np.ones(len(block.numbers), bool)
    good[list(faults)] = False
    return lines.Block(
        numbers=block.numbers[good],
        raw=block.raw.filter(pa.array(good)),
        columns=[column.filter(pa.array(good)) for column in block.columns],
        malformed=[
            lines.Malformed(
                int(block.numbers[index]), block.raw[index].as_py().replace("\0", "\\x00"), reason
            )
            for index, reason in sorted(faults.items())
        ],
    )
