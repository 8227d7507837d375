"""Text in Parquet files, in every form in which tools write it, and ids."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, SURVEYS, TRANSACTIONS, Case
from tests.bad_deliveries.cases.parquet.making import K, column, file, loaded, refused, rejected

_NAMES = ["滨江支行", "湖畔支行", "中山支行"]
_IDS = ["1", "2", "3"]
_HALF = [Decimal("1"), Decimal("2.5"), Decimal("3")]
_UUIDS = [uuid.UUID(int=number) for number in (1, 2**120 + 7, 2**128 - 1)]
_TYPED_UUIDS = pa.ExtensionArray.from_storage(
    pa.uuid(), pa.array([item.bytes for item in _UUIDS], pa.binary(16))
)
_NO_ID = "which cannot hold an id; valid: text, integer, decimal, uuid"
_NO_TEXT = (
    "which cannot hold a varchar; valid: text, bytes, integer, decimal, uuid, double, float, boolean, date, "
    "timestamp, time"
)


def _all_as(kind: pa.DataType) -> bytes:
    return file(
        TRANSACTIONS, {name: pa.array(column(TRANSACTIONS, name), kind) for name in TRANSACTIONS.names}
    )


def _ids(case: str, wrong: str, values: object, read_as: list[str]) -> Case:
    """Ids of another type that are loaded."""
    return loaded(case, wrong, "branch_id", values, read_as, BRANCHES)


def _no_ids(case: str, wrong: str, values: object, kind: str) -> Case:
    """Ids of a type that refuses the file."""
    return refused(case, wrong, "branch_id", values, f"is of type {kind}, {_NO_ID}", BRANCHES)


CASES = [
    loaded("text", "every column as text", "amount", ["12.30", "5.00", "1000000"], "5.00"),
    K.loaded(
        "large-text", "every column as large text", _all_as(pa.large_string()), file="transactions.parquet"
    ),
    K.loaded(
        "text-views",
        "every column as text views, as Polars 1.38 wrote them",
        _all_as(pa.string_view()),
        file="transactions.parquet",
    ).reported("pola-rs/polars#26435", "risingwavelabs/risingwave#26915"),
    loaded(
        "dictionary",
        "words as a dictionary",
        "currency",
        pa.array(["CNY", "EUR", "USD"]).dictionary_encode(),
        "EUR",
    ),
    loaded(
        "all-null",
        "a column without any value, and so without a type",
        "city",
        pa.nulls(3),
        [""] * 3,
        BRANCHES,
    ).reported("aws/aws-sdk-pandas#524"),
    loaded(
        "bytes",
        "text as bytes without a type, as Impala writes it",
        "branch_name",
        [value.encode() for value in ("滨江支行", "湖畔", "中山支行")],
        "湖畔",
        BRANCHES,
    ),
    loaded("zero-width", "a zero-width space after an id", "customer_id", ["C1", "C1\u200b", "C2"], "C1"),
    loaded(
        "codes-as-doubles",
        "codes beside empty ones as floating point numbers",
        "city",
        [13812345678.0, float("nan"), 2.0],
        ["13812345678", "", "2"],
        BRANCHES,
    ).reported("SauersML/gam#4232"),
    rejected(
        "bad-date",
        "a text that is not a date",
        "opened_on",
        ["2020-01-01", "2020/01/02", "2021-05-06"],
        "'2020/01/02' is not a date",
        CUSTOMERS,
    ),
    rejected(
        "bad-bytes",
        "bytes that are not UTF-8, among good ones",
        "branch_name",
        ["滨江支行".encode(), b"\xff", "中山支行".encode()],
        "not valid utf-8",
        BRANCHES,
    ),
    rejected(
        "bad-text",
        "text that is not UTF-8, among good ones: writers in other languages do not check it",
        "branch_name",
        pa.array(["滨江支行".encode(), b"\xff", "中山支行".encode()], pa.binary()).view(pa.string()),
        "not valid utf-8",
        BRANCHES,
    ).reported("kaushiksrini/parqeye#13"),
    refused(
        "other-bytes",
        "bytes of another encoding",
        "branch_name",
        [name.encode("gb18030") for name in _NAMES],
        "is of type binary, and most of its values are not utf-8; valid: text",
        BRANCHES,
    ),
    K.file(
        "nul",
        "a NUL byte",
        file(TRANSACTIONS, {"currency": ["CNY", "C\0Y", "USD"]}),
        [TRANSACTIONS.rows[0], TRANSACTIONS.rows[2]],
        [(3, None, "the line holds a NUL byte")],
        file="transactions.parquet",
    ),
    refused(
        "list",
        "lists in a column of text",
        "branch_name",
        [["滨江"], ["湖畔", "x"], []],
        f"is of type list, {_NO_TEXT}",
        BRANCHES,
    ),
    refused(
        "struct",
        "structures in a column of text",
        "branch_name",
        [{"zh": "滨江"}] * 3,
        f"is of type struct, {_NO_TEXT}",
        BRANCHES,
    ),
    _ids("ids-as-numbers", "ids as whole numbers", [1, 2, 3], _IDS).reported(
        "Wenzhi-Ding/Std_Security_Code#3"
    ),
    _ids(
        "ids-as-unsigned",
        "ids as whole numbers without a sign",
        pa.array([1, 2, 2**64 - 1], pa.uint64()),
        ["1", "2", str(2**64 - 1)],
    ),
    _ids(
        "ids-as-decimals",
        "ids as decimals with ten empty places, as Spark reads them from Oracle",
        pa.array([Decimal(1), Decimal(2), Decimal(12345678901234567)], pa.decimal128(38, 10)),
        ["1", "2", "12345678901234567"],
    ).reported("apache/spark#56738"),
    _ids("ids-as-uuids", "ids as UUIDs, as DuckDB writes them", _TYPED_UUIDS, [str(item) for item in _UUIDS]),
    loaded(
        "no-cities",
        "a text that is always empty, as a floating point number",
        "city",
        [float("nan")] * 3,
        [""] * 3,
        BRANCHES,
    ),
    K.file(
        "half-ids",
        "an id with a fraction",
        file(BRANCHES, {"branch_id": pa.array(_HALF, pa.decimal128(20, 1))}),
        [BRANCHES.rows[0].replace("B1", "1"), BRANCHES.rows[2].replace("B3", "3")],
        [(3, "branch_id", "branch_id: a number with a fraction is no id")],
        BRANCHES,
        "branches.parquet",
    ),
    _no_ids(
        "long-ids",
        "ids of 17 digits as floating point numbers, which lose the last ones",
        [12345678901234567.0, 1e17, float("nan")],
        "double",
    ).reported("transferwise/pipelinewise-target-snowflake#404", "SauersML/gam#4232"),
    _no_ids("ids-as-doubles", "ids as floating point numbers", [1.0, 2.0, 3.0], "double").reported(
        "JerBouma/FinanceDatabase#166"
    ),
    _no_ids(
        "ids-as-floats", "ids as short floating point numbers", pa.array([1.0, 2, 3], pa.float32()), "float"
    ),
    _no_ids("ids-as-bytes", "ids as bytes", [b"B1", b"B2", b"B3"], "binary"),
    _no_ids("ids-as-lists", "ids as lists", [["B1"], ["B2"], ["B3"]], "list"),
    _no_ids("ids-as-structs", "ids as structures", [{"id": "B1"}] * 3, "struct"),
    _no_ids("ids-as-times", "ids as times", [datetime(2025, 3, 31)] * 3, "timestamp[us]"),
    _no_ids("ids-as-dates", "ids as dates", [date(2025, 3, 31)] * 3, "date32[day]"),
    refused(
        "references-as-doubles",
        "references as floating point numbers",
        "customer_id",
        [1.0, 1.0, 2.0],
        f"is of type double, {_NO_ID}",
    ),
    loaded(
        "scores-as-text",
        "whole numbers as text with a place, as pandas makes it of floating point numbers",
        "score",
        ["10.0", "9.0", "5.00"],
        "9",
        SURVEYS,
    ),
    rejected(
        "thousands",
        "a whole number as text with three places, which could be thousands",
        "score",
        ["10", "9.000", "5"],
        "'9.000' is not an integer",
        SURVEYS,
    ),
]
