"""Dates and times in other forms, of no calendar, or out of reach."""

from __future__ import annotations

from tests.bad_deliveries.case import CAMPAIGNS, CUSTOMERS, TRANSACTIONS, Kind

_K = Kind("dates")

_NO_DATE = [
    ("slashes", "slashes", "2025/03/31"),
    ("german", "day first", "31.03.2025"),
    ("american", "month first", "03/31/2025"),
    ("month-name", "the month as a word", "31-MAR-2025"),
    ("chinese", "Chinese form", "2025年3月31日"),
    ("compact", "without dashes", "20250331"),
    ("short", "without leading zeros", "2025-3-1"),
    ("excel-serial", "Excel's number of days", "45747"),
    ("two-digit-year", "a year of two digits", "25-03-31"),
    ("february-30", "a day that does not exist", "2025-02-30"),
    ("no-leap-year", "29 February of a year that has none", "2025-02-29"),
    ("month-13", "a month that does not exist", "2025-13-01"),
    ("day-0", "day 0", "2025-03-00"),
    ("zeros", "a date of zeros", "0000-00-00"),
    ("year-0", "year 0", "0000-01-01"),
    ("year-10000", "a year of five digits", "10000-01-01"),
    ("with-time", "a date with a time", "2025-03-31 00:00:00"),
    ("infinity", "infinity", "infinity"),
    ("minus-infinity", "minus infinity", "-infinity"),
    ("epoch", "a word that the engine would read as 1970", "epoch"),
    ("fullwidth", "full-width digits", "２０２５-03-31"),
    ("null-word", "the word NULL", "NULL"),
    ("backslash-n", "MySQL's sign for null", "\\N"),
    ("not-available", "N/A", "N/A"),
    ("dash", "a dash for nothing", "-"),
]
_NO_TIMESTAMP = [
    ("date-only", "a date without a time", "2025-03-31"),
    ("minutes", "a time without seconds", "2025-03-31 10:00"),
    ("hour-24", "24:00:00", "2025-03-30 24:00:00"),
    ("hour-25", "25:00:00", "2025-03-30 25:00:00"),
    ("leap-second", "a leap second", "2025-03-30 23:59:60"),
    ("zulu", "a time zone (Z): contracts ask for the bank's local time", "2025-03-31 10:00:00Z"),
    ("offset", "a time zone (+08:00)", "2025-03-31T10:00:00+08:00"),
    ("zone-name", "a time zone by name", "2025-03-31 10:00:00 CST"),
    ("pm", "twelve hours and PM", "2025-03-31 10:00:00 PM"),
    ("chinese-pm", "twelve hours and 下午", "2025-03-31 下午10:00:00"),
    ("unix", "seconds since 1970", "1743408000"),
    ("nanoseconds", "digits beyond microseconds", "2025-03-31 10:00:00.1234567"),
    ("decimal-comma-seconds", "a decimal comma in seconds", '"2025-03-31 10:00:00,5"'),
    ("missing-day", "a day that does not exist", "2025-02-30 10:00:00"),
    ("no-leap-day", "29 February of a year that has none", "2025-02-29 10:00:00"),
    ("time-slashes", "slashes", "2025/03/31 10:00:00"),
    ("time-short", "a month without its leading zero", "2025-3-31 10:00:00"),
    ("time-compact", "without dashes and colons", "20250331100000"),
    ("time-year-0", "year 0", "0000-03-31 10:00:00"),
    ("time-year-10000", "a year of five digits", "10000-01-01 00:00:00"),
    ("before-christ", "a year before 1", "0044-03-15 (BC) 10:00:00"),
    ("time-infinity", "infinity", "infinity"),
    ("time-minus-infinity", "minus infinity", "-infinity"),
]
_AFTER = "is after the business date 2025-03-31"

CASES = [
    *(
        _K.value(case, wrong, "opened_on", value, f"'{value}' is not a date", CUSTOMERS)
        for case, wrong, value in _NO_DATE
    ),
    *(
        _K.value(case, wrong, "occurred_at", value, f"'{value.strip(chr(34))}' is not a timestamp")
        for case, wrong, value in _NO_TIMESTAMP
    ),
    _K.value(
        "tomorrow",
        "a date after the business date",
        "opened_on",
        "2025-04-01",
        f"2025-04-01 {_AFTER}",
        CUSTOMERS,
    ),
    _K.value(
        "forever-as-opening",
        "9999-12-31 where the date must have come",
        "opened_on",
        "9999-12-31",
        f"9999-12-31 {_AFTER}",
        CUSTOMERS,
    ),
    _K.value(
        "midnight-after",
        "a moment after the business date",
        "occurred_at",
        "2025-04-01 00:00:00",
        f"2025-04-01 {_AFTER}",
    ),
    _K.good_value(
        "forever-as-end",
        "9999-12-31 where a date may lie ahead",
        "ends_on",
        "9999-12-31",
        "9999-12-31",
        CAMPAIGNS,
    ),
    _K.good_value(
        "nineteen-hundred",
        "1900-01-01, a default of many systems, is a date",
        "opened_on",
        "1900-01-01",
        "1900-01-01",
        CUSTOMERS,
    ),
    _K.good_value(
        "nineteen-seventy",
        "1970-01-01, a default of many systems, is a date",
        "opened_on",
        "1970-01-01",
        "1970-01-01",
        CUSTOMERS,
    ),
    _K.good_value(
        "leap-day", "29 February of a leap year", "opened_on", "2024-02-29", "2024-02-29", CUSTOMERS
    ),
    _K.good_value(
        "letter-t", "T between date and time", "occurred_at", "2025-03-31T10:00:00", "2025-03-31 10:00:00"
    ),
    _K.good_value(
        "microseconds",
        "microseconds",
        "occurred_at",
        "2025-03-31 10:00:00.123456",
        "2025-03-31 10:00:00.123456",
    ),
    _K.good_value(
        "last-moment",
        "the last moment of the business date",
        "occurred_at",
        "2025-03-31 23:59:59.999999",
        "2025-03-31 23:59:59.999999",
    ),
    _K.good_value(
        "before-the-customer",
        "a time long before the business date",
        "occurred_at",
        "1999-12-31 23:59:59",
        "1999-12-31 23:59:59",
    ),
    _K.rejected(
        "empty",
        "no value where one is required",
        TRANSACTIONS.with_value("occurred_at", ""),
        "occurred_at",
        "required, but empty",
    ),
]
