"""Values in Parquet files of other types than the contract's."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, SURVEYS, TRANSACTIONS, Case, Kind, Sample

_K = Kind("parquet")


def column(sample: Sample, name: str) -> list[str | None]:
    """The values of a column of the good lines."""
    return [row.split(",")[sample.names.index(name)] or None for row in sample.rows]


def file(sample: Sample, changed: Mapping[str, Any] | None = None, **options: Any) -> bytes:
    """The good lines as a Parquet file, with some columns replaced."""
    columns = {name: column(sample, name) for name in sample.names} | dict(changed or {})
    return written(pa.table(columns), **options)


def written(table: pa.Table, **options: Any) -> bytes:
    """A table as a Parquet file."""
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


def _good(
    case: str,
    wrong: str,
    column: str,
    values: Any,
    read_as: str,
    sample: Sample = TRANSACTIONS,
    **options: Any,
) -> Case:
    """A column of another type of which the second value lies in the lake as given."""
    first, _, last = sample.rows
    content = file(sample, {column: values}, **options)
    loaded = (first, sample.with_value(column, read_as), last)
    return _K.loaded(case, wrong, content, loaded, sample, f"{sample.entity}.parquet")


def _bad(
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
    return _K.file(case, wrong, content, [first, last], rejects, sample, f"{sample.entity}.parquet")


def _all_bad(
    case: str, wrong: str, column: str, values: Any, reasons: list[str], sample: Sample = TRANSACTIONS
) -> Case:
    rejects = [(line, column, f"{column}: {reason}") for line, reason in enumerate(reasons, 2)]
    content = file(sample, {column: values})
    return _K.file(case, wrong, content, [], rejects, sample, f"{sample.entity}.parquet")


def _moments(second: datetime) -> list[datetime]:
    return [datetime(2025, 3, 31, 9), second, datetime(2025, 3, 31, 10)]


def _numbers(second: float | None) -> list[float | None]:
    return [12.30, second, 1000000.0]


_MOMENTS = _moments(datetime(2025, 3, 30, 23, 59, 59))
_AT = "2025-03-30 23:59:59"
_DAYS = [date(2020, 1, 1), date(2020, 2, 29), date(2021, 5, 6)]
_INEXACT = "a number of type double that has no exact text"
_PLACES = "has no place in a column"

CASES = [
    _good("text", "every column as text", "amount", ["12.30", "5.00", "1000000"], "5.00"),
    _good("doubles", "amounts as floating point numbers", "amount", _numbers(5.0), "5.00"),
    _good(
        "floats",
        "amounts as short floating point numbers",
        "amount",
        pa.array(_numbers(0.1), pa.float32()),
        "0.10",
    ),
    _good(
        "other-scale",
        "decimals of another scale",
        "amount",
        pa.array([Decimal("12.300"), Decimal("5.000"), Decimal("1000000.000")], pa.decimal128(20, 3)),
        "5.00",
    ),
    _good(
        "dictionary",
        "words as a dictionary",
        "currency",
        pa.array(["CNY", "EUR", "USD"]).dictionary_encode(),
        "EUR",
    ),
    _good("dates", "dates as dates", "opened_on", _DAYS, "2020-02-29", CUSTOMERS),
    _good(
        "dates-of-64-bits",
        "dates of 64 bits",
        "opened_on",
        pa.array(_DAYS, pa.date64()),
        "2020-02-29",
        CUSTOMERS,
    ),
    _good("booleans", "booleans as booleans", "is_vip_elsewhere", [True, True, None], "true", CUSTOMERS),
    _good("booleans-as-numbers", "booleans as numbers", "is_vip_elsewhere", [1, 0, None], "false", CUSTOMERS),
    _good(
        "microseconds", "times of microseconds", "occurred_at", pa.array(_MOMENTS, pa.timestamp("us")), _AT
    ),
    _good(
        "milliseconds", "times of milliseconds", "occurred_at", pa.array(_MOMENTS, pa.timestamp("ms")), _AT
    ),
    _good(
        "nanoseconds",
        "times of nanoseconds that are whole microseconds, as pandas writes them",
        "occurred_at",
        pa.array(_MOMENTS, pa.timestamp("ns")),
        _AT,
    ),
    _good(
        "int96",
        "times of 96 bits, as Spark and Impala write them",
        "occurred_at",
        pa.array(_MOMENTS, pa.timestamp("ns")),
        _AT,
        use_deprecated_int96_timestamps=True,
    ),
    _good(
        "scores-as-doubles",
        "whole numbers as floating point numbers, as pandas writes them beside empty ones",
        "score",
        [10.0, 9.0, 5.0],
        "9",
        SURVEYS,
    ),
    _good(
        "scores-empty",
        "no number in a column of floating point numbers",
        "score",
        pa.array([10.0, None, 5.0]),
        "",
        SURVEYS,
    ),
    _K.loaded(
        "ids-as-numbers",
        "ids as whole numbers",
        file(BRANCHES, {"branch_id": [1, 2, 3]}),
        [row.replace("B", "") for row in BRANCHES.rows],
        BRANCHES,
        "branches.parquet",
    ),
    _K.loaded(
        "all-null",
        "a column without any value, and so without a type",
        file(BRANCHES, {"city": pa.nulls(3)}),
        [row.replace("杭州", "") for row in BRANCHES.rows],
        BRANCHES,
        "branches.parquet",
    ),
    _good(
        "bytes",
        "text as bytes without a type, as Impala writes it",
        "branch_name",
        [value.encode() for value in ("滨江支行", "湖畔", "中山支行")],
        "湖畔",
        BRANCHES,
    ),
    _good("zero-width", "a zero-width space after an id", "customer_id", ["C1", "C1\u200b", "C2"], "C1"),
    _bad(
        "bad-date",
        "a text that is not a date",
        "opened_on",
        ["2020-01-01", "2020/01/02", "2021-05-06"],
        "'2020/01/02' is not a date",
        CUSTOMERS,
    ),
    _bad(
        "places",
        "a floating point number with too many places",
        "amount",
        _numbers(0.1 + 0.2),
        "'0.30000000000000004' is not a decimal(18,2)",
    ),
    _bad(
        "decimal-places",
        "a decimal with too many places",
        "amount",
        pa.array([Decimal("12.300"), Decimal("5.001"), Decimal("1000000.000")], pa.decimal128(20, 3)),
        "'5.001' is not a decimal(18,2)",
    ),
    _bad("nan", "NaN, which is not a number", "amount", _numbers(float("nan")), _INEXACT),
    _bad("infinity", "infinity", "amount", _numbers(float("inf")), _INEXACT),
    _bad("null", "no amount", "amount", pa.array(_numbers(None)), "required, but empty"),
    _bad(
        "score-of-half",
        "a score between two whole numbers",
        "score",
        [10.0, 9.5, 5.0],
        "'9.5' is not an integer",
        SURVEYS,
    ),
    _all_bad(
        "long-ids",
        "ids of 17 digits as floating point numbers, which lose the last ones",
        "branch_id",
        [12345678901234567.0, 1e17, float("nan")],
        [_INEXACT] * 3,
        BRANCHES,
    ),
    _all_bad(
        "time-zone",
        "times with a time zone, as Spark writes them: contracts ask for the bank's local time",
        "occurred_at",
        pa.array(_MOMENTS, pa.timestamp("us", "UTC")),
        [f"'{moment}.000000Z' is not a timestamp" for moment in _MOMENTS],
    ),
    _all_bad(
        "unknown-zone",
        "times with an unknown time zone",
        "occurred_at",
        pa.array(_MOMENTS, pa.timestamp("us", "Mars/Base")),
        [f"a value of type timestamp[us, tz=Mars/Base] {_PLACES}"] * 3,
    ),
    _all_bad(
        "days-as-times",
        "days as times: contracts ask for dates",
        "opened_on",
        pa.array([datetime(day.year, day.month, day.day) for day in _DAYS], pa.timestamp("us")),
        [f"'{day} 00:00:00.000000' is not a date" for day in _DAYS],
        CUSTOMERS,
    ),
    _all_bad(
        "times-as-days",
        "times as days",
        "occurred_at",
        [date(2025, 3, 31)] * 3,
        ["'2025-03-31' is not a timestamp"] * 3,
    ),
    _bad(
        "nanoseconds-exact",
        "a time with nanoseconds that would be lost",
        "occurred_at",
        pa.array([1743411600000000000, 1743379199000000001, 1743415200000000000], pa.timestamp("ns")),
        "'2025-03-30 23:59:59.000000001' is not a timestamp",
    ),
    _bad(
        "far-date",
        "a date that no calendar reaches",
        "opened_on",
        pa.array([18262, 2**31 - 1, 18753], pa.int32()).cast(pa.date32()),
        "'<value out of range: 2147483647>' is not a date",
        CUSTOMERS,
    ),
    _bad(
        "far-time",
        "a time that no calendar reaches",
        "occurred_at",
        pa.array([1743411600000000, 2**62, 1743415200000000], pa.timestamp("us")),
        f"'<value out of range: {2**62}>' is not a timestamp",
    ),
    _all_bad(
        "list",
        "lists in a column of text",
        "branch_name",
        [["滨江"], ["湖畔", "x"], []],
        [f"a value of type list {_PLACES}"] * 3,
        BRANCHES,
    ),
    _all_bad(
        "struct",
        "structures in a column of text",
        "branch_name",
        [{"zh": "滨江"}] * 3,
        [f"a value of type struct {_PLACES}"] * 3,
        BRANCHES,
    ),
    _bad(
        "bad-bytes",
        "bytes that are not UTF-8, among good ones",
        "branch_name",
        ["滨江支行".encode(), b"\xff", "中山支行".encode()],
        "not valid utf-8",
        BRANCHES,
    ),
    _K.file(
        "nul",
        "a NUL byte",
        file(TRANSACTIONS, {"currency": ["CNY", "C\0Y", "USD"]}),
        [TRANSACTIONS.rows[0], TRANSACTIONS.rows[2]],
        [(3, None, "the line holds a NUL byte")],
        file="transactions.parquet",
    ),
]
