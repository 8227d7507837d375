"""Numbers in Parquet files: whole ones, decimals and floating point numbers for each other."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa

from tests.bad_deliveries.case import CUSTOMERS, SURVEYS
from tests.bad_deliveries.cases.parquet.making import loaded, refused, rejected

_INEXACT = "a number of type double that has no exact text"
_NO_MONEY = "which cannot hold a decimal(18,2); valid: text, bytes, integer, decimal, double"


def _numbers(second: float | None) -> list[float | None]:
    return [12.30, second, 1000000.0]


def _decimals(second: str, kind: pa.DataType) -> pa.Array:
    return pa.array([Decimal("12.30"), Decimal(second), Decimal("1000000")], kind)


CASES = [
    loaded("doubles", "amounts as floating point numbers", "amount", _numbers(5.0), "5.00"),
    loaded(
        "large-doubles",
        "amounts of eleven digits as floating point numbers",
        "amount",
        [12345678901.23, 1e10, 70368744177663.99],
        ["12345678901.23", "10000000000.00", "70368744177663.99"],
    ).reported("exasol/exasol-personal#382", "apache/doris#5360"),
    loaded(
        "small-doubles",
        "a cent as a floating point number",
        "amount",
        [0.01, 0.07, 1.1],
        ["0.01", "0.07", "1.10"],
    ),
    rejected(
        "huge-doubles",
        "an amount so large that two decimals have the same floating point number",
        "amount",
        _numbers(70368744177664.01),
        _INEXACT,
    ),
    rejected(
        "beyond-2-53",
        "an amount of 17 digits as a floating point number",
        "amount",
        _numbers(2.0**53),
        _INEXACT,
    ),
    rejected(
        "places",
        "a floating point number with too many places",
        "amount",
        _numbers(0.1 + 0.2),
        "'0.30000000000000004' is not a decimal(18,2)",
    ),
    rejected(
        "large-places",
        "a large floating point number with too many places",
        "amount",
        _numbers(12345678901.235),
        "'12345678901.235' is not a decimal(18,2)",
    ),
    rejected(
        "nan",
        "NaN, which several tools write where there is no value",
        "amount",
        _numbers(float("nan")),
        "required, but empty",
    ).reported("NVIDIA/cudf#8688"),
    rejected("infinity", "infinity", "amount", _numbers(float("inf")), _INEXACT),
    rejected("null", "no amount", "amount", pa.array(_numbers(None)), "required, but empty"),
    refused(
        "floats",
        "amounts as short floating point numbers, which hold seven digits",
        "amount",
        pa.array(_numbers(0.1), pa.float32()),
        f"is of type float, {_NO_MONEY}",
    ).reported("duckdb/duckdb#24814"),
    refused(
        "half-floats",
        "amounts as floating point numbers of 16 bits",
        "amount",
        pa.array([1.0, 2.5, 3.0], pa.float16()),
        f"is of type halffloat, {_NO_MONEY}",
    ),
    refused(
        "money-as-booleans",
        "amounts as booleans",
        "amount",
        [True, False, True],
        f"is of type bool, {_NO_MONEY}",
    ),
    loaded(
        "other-scale",
        "decimals of another scale",
        "amount",
        _decimals("5.000", pa.decimal128(20, 3)),
        "5.00",
    ),
    loaded(
        "other-precision", "decimals of 76 digits", "amount", _decimals("5", pa.decimal256(76, 30)), "5.00"
    ),
    loaded(
        "short-decimals",
        "decimals of one place",
        "amount",
        pa.array([Decimal("12.3"), Decimal("5"), Decimal("9.9")], pa.decimal32(9, 1)),
        ["12.30", "5.00", "9.90"],
    ),
    loaded(
        "whole-amounts",
        "amounts as whole numbers",
        "amount",
        pa.array([12, 5, 200], pa.uint8()),
        ["12.00", "5.00", "200.00"],
    ),
    rejected(
        "decimal-places",
        "a decimal with too many places",
        "amount",
        _decimals("5.001", pa.decimal128(20, 3)),
        "'5.001' is not a decimal(18,2)",
    ),
    rejected(
        "tiny-decimals",
        "a decimal that is written with a power of ten",
        "amount",
        _decimals("0.000000001", pa.decimal128(38, 9)),
        "'0.000000001' is not a decimal(18,2)",
    ),
    loaded(
        "scores-as-doubles",
        "whole numbers as floating point numbers, as pandas writes them beside empty ones",
        "score",
        [10.0, 9.0, 5.0],
        "9",
        SURVEYS,
    ).reported("apache/arrow#2043", "pandas-dev/pandas#48704"),
    loaded(
        "scores-as-floats",
        "whole numbers as short floating point numbers",
        "score",
        pa.array([10.0, 9.0, float("nan")], pa.float32()),
        ["10", "9", ""],
        SURVEYS,
    ),
    loaded(
        "scores-empty",
        "no number in a column of floating point numbers",
        "score",
        pa.array([10.0, None, 5.0]),
        "",
        SURVEYS,
    ),
    loaded("scores-nan", "NaN for no number", "score", [10.0, float("nan"), 5.0], "", SURVEYS).reported(
        "huggingface/dataset-viewer#2797"
    ),
    loaded(
        "scores-as-decimals",
        "whole numbers as decimals",
        "score",
        pa.array([Decimal("10.0"), Decimal("9.0"), Decimal("5.0")], pa.decimal128(38, 10)),
        "9",
        SURVEYS,
    ).reported("apache/spark#56738"),
    loaded(
        "scores-of-8-bits",
        "whole numbers of 8 bits",
        "score",
        pa.array([10, 9, None], pa.int8()),
        ["10", "9", ""],
        SURVEYS,
    ),
    rejected(
        "score-of-half",
        "a score between two whole numbers",
        "score",
        [10.0, 9.5, 5.0],
        "'9.5' is not an integer",
        SURVEYS,
    ),
    rejected(
        "score-too-large",
        "a whole number that the column does not hold",
        "score",
        pa.array([10, 2**63, 5], pa.uint64()),
        "'9223372036854775808' is not an integer",
        SURVEYS,
    ),
    rejected(
        "score-as-huge-double",
        "a whole number of 20 digits as a floating point number",
        "score",
        [10.0, 1e20, 5.0],
        _INEXACT,
        SURVEYS,
    ),
    loaded("booleans", "booleans as booleans", "is_vip_elsewhere", [True, True, None], "true", CUSTOMERS),
    loaded(
        "booleans-as-numbers", "booleans as numbers", "is_vip_elsewhere", [1, 0, None], "false", CUSTOMERS
    ),
    loaded(
        "booleans-as-doubles",
        "booleans as floating point numbers, as pandas writes them beside empty ones",
        "is_vip_elsewhere",
        [1.0, 0.0, float("nan")],
        "false",
        CUSTOMERS,
    ),
    loaded(
        "booleans-as-decimals",
        "booleans as decimals, as Oracle has them",
        "is_vip_elsewhere",
        pa.array([Decimal(1), Decimal(0), None], pa.decimal128(1, 0)),
        "false",
        CUSTOMERS,
    ),
    rejected(
        "boolean-of-two",
        "a number that is no boolean",
        "is_head_office_client",
        [1, 2, None],
        "'2' is not a boolean",
        CUSTOMERS,
    ),
]
