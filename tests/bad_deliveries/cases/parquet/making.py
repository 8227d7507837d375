"""Makes Parquet files, and cases in which one column of the good lines has another type."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bad_deliveries.case import TRANSACTIONS, Case, Kind, Sample

K = Kind("parquet")
SPARK = {"org.apache.spark.version": "3.5.1"}
"""What Spark notes in its files."""


def column(sample: Sample, name: str) -> list[str | None]:
    """The values of a column of the good lines."""
    return [row.split(",")[sample.names.index(name)] or None for row in sample.rows]


def table(sample: Sample, changed: Mapping[str, Any] | None = None) -> pa.Table:
    """The good lines as a table, with some columns replaced."""
    return pa.table({name: column(sample, name) for name in sample.names} | dict(changed or {}))


def file(
    sample: Sample,
    changed: Mapping[str, Any] | None = None,
    notes: Mapping[str, str] | None = None,
    **options: Any,
) -> bytes:
    """The good lines as a Parquet file, with some columns replaced, and with notes of its writer."""
    made = table(sample, changed)
    return written(made.replace_schema_metadata(dict(notes)) if notes else made, **options)


def written(made: pa.Table, **options: Any) -> bytes:
    """A table as a Parquet file."""
    target = io.BytesIO()
    pq.write_table(made, target, **options)
    return target.getvalue()


def loaded(
    case: str,
    wrong: str,
    column: str,
    values: Any,
    read_as: str | Sequence[str],
    sample: Sample = TRANSACTIONS,
    **options: Any,
) -> Case:
    """A column of another type; in the lake its second value, or all of them, lie as given."""
    return loaded_file(case, wrong, file(sample, {column: values}, **options), column, read_as, sample)


def loaded_file(
    case: str,
    wrong: str,
    content: bytes,
    column: str,
    read_as: str | Sequence[str],
    sample: Sample = TRANSACTIONS,
) -> Case:
    """The same for a file that was made elsewhere."""
    first, _, last = sample.rows
    rows = (
        (first, sample.with_value(column, read_as), last)
        if isinstance(read_as, str)
        else tuple(
            _replaced(sample, column, row, value) for row, value in zip(sample.rows, read_as, strict=True)
        )
    )
    return K.loaded(case, wrong, content, rows, sample, f"{sample.entity}.parquet")


def rejected(
    case: str,
    wrong: str,
    column: str,
    values: Any,
    reason: str,
    sample: Sample = TRANSACTIONS,
    **options: Any,
) -> Case:
    """A column of another type of which the second value is rejected."""
    first, _, last = sample.rows
    content = file(sample, {column: values}, **options)
    rejects = [(3, column, f"{column}: {reason}")]
    return K.file(case, wrong, content, [first, last], rejects, sample, f"{sample.entity}.parquet")


def refused(
    case: str,
    wrong: str,
    column: str,
    values: Any,
    reason: str,
    sample: Sample = TRANSACTIONS,
    **options: Any,
) -> Case:
    """A column of a type for which the file is refused; the reason goes on from the column's name."""
    content = file(sample, {column: values}, **options)
    return K.refused(
        case, wrong, content, f"column {column} {reason}", column, sample, f"{sample.entity}.parquet"
    )


def _replaced(sample: Sample, column: str, row: str, value: str) -> str:
    fields = row.split(",")
    fields[sample.names.index(column)] = value
    return ",".join(fields)
