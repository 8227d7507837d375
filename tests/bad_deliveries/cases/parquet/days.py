"""Days in Parquet files: as dates, as midnights, and as what is neither."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from tests.bad_deliveries.case import CUSTOMERS
from tests.bad_deliveries.cases.parquet.making import K, file, loaded, refused, rejected

_DAYS = [date(2020, 1, 1), date(2020, 2, 29), date(2021, 5, 6)]
_MIDNIGHTS = [datetime(day.year, day.month, day.day) for day in _DAYS]
_BANK_IS_AHEAD = timedelta(hours=8)
_IN_UTC = [moment.replace(tzinfo=UTC) - _BANK_IS_AHEAD for moment in _MIDNIGHTS]
_NO_DATE = "which cannot hold a date; valid: text, bytes, date, timestamp"
_SUMMERS = [datetime(1988, 6, 30, 15, tzinfo=UTC), datetime(1988, 12, 31, 16, tzinfo=UTC), _IN_UTC[2]]
"""Midnights in China, which had summer time in 1988."""


def _times(unit: str, zone: str | None = None, moments: Sequence[datetime] = _MIDNIGHTS) -> pa.Array:
    return pa.array(moments, pa.timestamp(unit, zone))


def _of_96_bits(moment: datetime) -> bytes:
    """A time as the nanoseconds of its day and the number of the day."""
    of_day = (moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**9
    return struct.pack("<qi", of_day, moment.toordinal() + 1721425)


def _far(moment: datetime, sample_column: str) -> bytes:
    """A file with a time of 96 bits that cannot be written in nanoseconds of 64 bits."""
    values = _times("ns", moments=[_MIDNIGHTS[0]] * 3)
    content = file(
        CUSTOMERS,
        {sample_column: values},
        store_schema=False,
        use_dictionary=False,
        compression="none",
        write_statistics=False,
        use_deprecated_int96_timestamps=True,
    )
    head, old, rest = content.partition(_of_96_bits(_MIDNIGHTS[0]))
    return head + old + rest.replace(old, _of_96_bits(moment), 1)


CASES = [
    loaded(
        "summer-time",
        "days with a zone in a year in which the bank had summer time",
        "opened_on",
        _times("us", "UTC", _SUMMERS),
        ["1988-07-01", "1989-01-01", "2021-05-06"],
        CUSTOMERS,
    ),
    loaded("dates", "dates as dates", "opened_on", _DAYS, "2020-02-29", CUSTOMERS),
    loaded(
        "dates-of-64-bits",
        "dates of 64 bits",
        "opened_on",
        pa.array(_DAYS, pa.date64()),
        "2020-02-29",
        CUSTOMERS,
    ),
    loaded(
        "days-as-times",
        "days as midnights",
        "opened_on",
        _times("us"),
        "2020-02-29",
        CUSTOMERS,
    ),
    loaded(
        "days-of-pandas",
        "days as midnights of nanoseconds, as pandas writes them",
        "opened_on",
        _times("ns"),
        "2020-02-29",
        CUSTOMERS,
    ).reported("pandas-dev/pandas#30367"),
    loaded(
        "days-before-1970",
        "days before 1970 as midnights",
        "opened_on",
        _times("ms", moments=[datetime(1969, 12, 31), datetime(1900, 1, 1), _MIDNIGHTS[2]]),
        ["1969-12-31", "1900-01-01", "2021-05-06"],
        CUSTOMERS,
    ),
    loaded(
        "days-in-zone",
        "days as midnights of the bank's zone",
        "opened_on",
        _times("us", "Asia/Shanghai", _IN_UTC),
        "2020-02-29",
        CUSTOMERS,
    ),
    rejected(
        "time-as-day",
        "a day as a time in the middle of it",
        "opened_on",
        _times("us", moments=[_MIDNIGHTS[0], datetime(2020, 2, 29, 9, 30), _MIDNIGHTS[2]]),
        "'2020-02-29 09:30:00' is not a date",
        CUSTOMERS,
    ).reported("Meaningful-Data/vtlengine#895"),
    K.file(
        "other-midnights",
        "days as midnights of another zone",
        file(
            CUSTOMERS, {"opened_on": _times("us", "UTC", [item.replace(tzinfo=UTC) for item in _MIDNIGHTS])}
        ),
        [],
        [
            (line, "opened_on", f"opened_on: '{day} 08:00:00' is not a date")
            for line, day in enumerate(_DAYS, 2)
        ],
        CUSTOMERS,
        "customers.parquet",
    ),
    rejected(
        "far-date",
        "a date that no calendar reaches",
        "opened_on",
        pa.array([18262, 2**31 - 1, 18753], pa.int32()).cast(pa.date32()),
        "'<value out of range: 2147483647>' is not a date",
        CUSTOMERS,
    ),
    refused(
        "days-as-numbers",
        "days as numbers",
        "opened_on",
        [20200101, 20200229, 20210506],
        f"is of type int64, {_NO_DATE}",
        CUSTOMERS,
    ),
    K.file(
        "int96-far",
        "the last day as a time of 96 bits, which in nanoseconds is a day of 1816",
        _far(datetime(9999, 12, 31), "opened_on"),
        [
            CUSTOMERS.rows[0],
            CUSTOMERS.rows[2].replace("2021-05-06", "2020-01-01"),
        ],
        [(3, "opened_on", "opened_on: 9999-12-31 is after the business date 2025-03-31")],
        CUSTOMERS,
        "customers.parquet",
    ).reported("apache/arrow#44112", "StarRocks/starrocks#22355"),
]
