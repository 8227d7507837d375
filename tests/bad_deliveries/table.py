"""All cases, and the kinds they are of: one list that the test runs and the documentation is made from."""

from __future__ import annotations

from tests.bad_deliveries.case import Case
from tests.bad_deliveries.cases import (
    compressed,
    controls,
    dates,
    encodings,
    headers,
    line_ends,
    names,
    parquet,
    quotes,
    separators,
    values,
)

KINDS = {
    "encodings": "Encodings",
    "separators": "Separators",
    "quotes": "Quotation marks",
    "line_ends": "Line ends, and lines that hold no record",
    "headers": "Headers",
    "dates": "Dates and times",
    "numbers": "Numbers",
    "booleans": "Booleans",
    "contract": "What the contract says",
    "controls": "Control files",
    "compressed": "Compressed files",
    "parquet": "Parquet files",
    "names": "Names, links and several files",
}
"""Every kind with its heading."""

_MODULES = (
    encodings,
    separators,
    quotes,
    line_ends,
    headers,
    dates,
    values,
    controls,
    compressed,
    parquet,
    names,
)
CASES: list[Case] = [case for module in _MODULES for case in module.CASES]
