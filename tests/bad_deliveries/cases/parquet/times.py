"""Dates and times in Parquet files: units, time zones, and each for the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from tests.bad_deliveries.case import TRANSACTIONS
from tests.bad_deliveries.cases.parquet.making import (
    SPARK,
    file,
    loaded,
    loaded_file,
    refused,
    rejected,
)

_MOMENTS = [datetime(2025, 3, 31, 9), datetime(2025, 3, 30, 23, 59, 59), datetime(2025, 3, 31, 10)]
_AT = "2025-03-30 23:59:59"
_ALL = [str(moment) for moment in _MOMENTS]
_BANK_IS_AHEAD = timedelta(hours=8)
_INSTANTS = [(moment - _BANK_IS_AHEAD).replace(tzinfo=UTC) for moment in _MOMENTS]
"""The same moments in UTC; the bank lives in China."""
_IN_UTC = [moment - _BANK_IS_AHEAD for moment in _MOMENTS]
_DAYS = [date(2020, 1, 1), date(2020, 2, 29), date(2021, 5, 6)]
_MIDNIGHTS = [datetime(day.year, day.month, day.day) for day in _DAYS]
_INT96: dict[str, Any] = {"use_deprecated_int96_timestamps": True}
_CUT = "which would be cut; valid: whole microseconds"
_NO_TIME = "which cannot hold a timestamp; valid: text, bytes, timestamp, date"
_NO_DATE = "which cannot hold a date; valid: text, bytes, date, timestamp"


def _times(unit: str, zone: str | None = None, moments: Sequence[datetime] = _MOMENTS) -> pa.Array:
    return pa.array(moments, pa.timestamp(unit, zone))


def _nanoseconds(*rest: int) -> list[int]:
    return [
        int(moment.replace(tzinfo=UTC).timestamp()) * 10**9 + more
        for moment, more in zip(_MOMENTS, rest, strict=True)
    ]


def _by_spark(**options: Any) -> bytes:
    """A file of Spark, which notes its version and has times in UTC."""
    return file(TRANSACTIONS, {"occurred_at": _times("ns", moments=_IN_UTC)}, SPARK, **options)


def _by_hive() -> bytes:
    """A file of the library that Spark and Hive share, by the name at its end."""
    content = file(TRANSACTIONS, {"occurred_at": _times("ns", moments=_IN_UTC)}, store_schema=False, **_INT96)
    mark = b"parquet-cpp-arrow version "
    start = content.index(mark)
    return content[:start] + b"parquet-mr version 1.10.1".ljust(len(mark)) + content[start + len(mark) :]


def _by_pandas() -> bytes:
    """A file of 96 bits whose note says that the times had a zone."""
    note = '{"columns": [{"field_name": "occurred_at", "pandas_type": "datetimetz"}]}'
    changed = {"occurred_at": _times("ns", moments=_IN_UTC)}
    return file(TRANSACTIONS, changed, {"pandas": note}, **_INT96)


CASES = [
    loaded("microseconds", "times of microseconds", "occurred_at", _times("us"), _AT),
    loaded("milliseconds", "times of milliseconds", "occurred_at", _times("ms"), _AT),
    loaded("seconds", "times of seconds", "occurred_at", _times("s"), _AT),
    loaded(
        "nanoseconds",
        "times of nanoseconds that are whole microseconds, as pandas writes them",
        "occurred_at",
        _times("ns"),
        _AT,
    ).reported("ClickHouse/clickhouse-java#1161"),
    loaded(
        "fractions",
        "times of nanoseconds with microseconds",
        "occurred_at",
        pa.array(_nanoseconds(0, 123456000, 500000000), pa.timestamp("ns")),
        ["2025-03-31 09:00:00", f"{_AT}.123456", "2025-03-31 10:00:00.5"],
    ),
    refused(
        "nanoseconds-exact",
        "a time with nanoseconds that would be lost",
        "occurred_at",
        pa.array(_nanoseconds(0, 1, 0), pa.timestamp("ns")),
        f"is of type timestamp[ns] with a time between two microseconds in row 3, {_CUT}",
    ).reported("apache/arrow#1920"),
    refused(
        "int96-exact",
        "a time of 96 bits with nanoseconds that would be lost",
        "occurred_at",
        pa.array(_nanoseconds(0, 0, 999), pa.timestamp("ns")),
        f"is of type timestamp[ns] with a time between two microseconds in row 4, {_CUT}",
        **_INT96,
    ).reported("duckdb/duckdb#25857"),
    loaded(
        "int96",
        "times of 96 bits, as pandas and Impala write them",
        "occurred_at",
        _times("ns"),
        _AT,
        **_INT96,
    ).reported("apache/iceberg#1138"),
    loaded_file(
        "int96-spark", "times of 96 bits of Spark, which are in UTC", _by_spark(**_INT96), "occurred_at", _ALL
    ).reported("apache/spark#19769", "apache/drill#600"),
    loaded_file("int96-hive", "times of 96 bits of Hive, which are in UTC", _by_hive(), "occurred_at", _ALL),
    loaded(
        "int96-zone",
        "times of 96 bits with a time zone, which only a note can say",
        "occurred_at",
        _times("ns", "UTC", _INSTANTS),
        _ALL,
        **_INT96,
    ),
    loaded_file(
        "int96-pandas", "the same where only pandas' note says it", _by_pandas(), "occurred_at", _ALL
    ),
    loaded_file(
        "spark-without-zone",
        "times without a zone in a file of Spark",
        file(TRANSACTIONS, {"occurred_at": _times("us")}, SPARK),
        "occurred_at",
        _ALL,
    ),
    loaded(
        "time-zone",
        "times with a time zone, as Spark writes them: the bank's local time is what counts",
        "occurred_at",
        _times("us", "UTC", _INSTANTS),
        _ALL,
        store_schema=False,
    ).reported("apache/doris#33675", "StarRocks/starrocks#73672", "Kotlin/dataframe#926"),
    loaded(
        "nanoseconds-in-zone",
        "times of nanoseconds with the bank's zone, as pandas writes them",
        "occurred_at",
        _times("ns", "Asia/Shanghai", _INSTANTS),
        _ALL,
    ),
    loaded(
        "milliseconds-in-zone",
        "times of milliseconds with the zone of another country",
        "occurred_at",
        _times("ms", "America/New_York", _INSTANTS),
        _ALL,
    ),
    loaded(
        "offset",
        "times with an offset instead of a zone",
        "occurred_at",
        _times("us", "+08:00", _INSTANTS),
        _ALL,
    ),
    loaded(
        "alias",
        "times with another name of the bank's zone",
        "occurred_at",
        _times("us", "PRC", _INSTANTS),
        _ALL,
    ),
    loaded(
        "unknown-zone",
        "times with an unknown time zone: a time with a zone is the same instant, whatever its name",
        "occurred_at",
        _times("us", "Mars/Base", _INSTANTS),
        _ALL,
    ),
    rejected(
        "far-time",
        "a time that no calendar reaches",
        "occurred_at",
        pa.array([1743411600000000, 2**62, 1743415200000000], pa.timestamp("us")),
        f"'<value out of range: {2**62}>' is not a timestamp",
    ),
    rejected(
        "far-instant",
        "a time with a zone that no calendar reaches",
        "occurred_at",
        pa.array(
            [1743411600000000 - 8 * 3600 * 10**6, 2**62, 1743415200000000 - 8 * 3600 * 10**6],
            pa.timestamp("us", "UTC"),
        ),
        f"'<value out of range: {2**62}>' is not a timestamp",
    ),
    refused(
        "times-as-numbers",
        "times as numbers of seconds",
        "occurred_at",
        [1743411600] * 3,
        f"is of type int64, {_NO_TIME}",
    ),
    refused(
        "times-of-day",
        "times of day without a day",
        "occurred_at",
        [time(9)] * 3,
        f"is of type time64[us], {_NO_TIME}",
    ),
    loaded(
        "times-as-days",
        "times as days, which begin at midnight",
        "occurred_at",
        [date(2025, 3, 31), date(2025, 3, 30), date(2025, 3, 29)],
        ["2025-03-31 00:00:00", "2025-03-30 00:00:00", "2025-03-29 00:00:00"],
    ),
]
