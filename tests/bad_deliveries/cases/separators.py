"""Other separators than the comma, and commas where none belong."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, TRANSACTIONS, Kind
from tests.deliveries import contracts

_K = Kind("separators")
_GOOD = TRANSACTIONS.text()
_TEXT = _GOOD.decode()
_FIRST, _, _LAST = TRANSACTIONS.rows
_TYPES = next(
    column.allowed for column in contracts()["transactions"].columns if column.name == "transaction_type"
)
_8 = "8 fields instead of 7"

CASES = [
    _K.refused(
        "semicolons",
        "semicolons, as Excel writes in many countries",
        _GOOD.replace(b",", b";"),
        "separates columns by ';'; valid: a comma",
    ),
    _K.refused("tabs", "tabs", _GOOD.replace(b",", b"\t"), "separates columns by '\\t'; valid: a comma"),
    _K.refused(
        "pipes", "vertical bars", _GOOD.replace(b",", b"|"), "separates columns by '|'; valid: a comma"
    ),
    _K.refused(
        "fullwidth-commas",
        "full-width commas",
        _TEXT.replace(",", "，").encode(),
        "separates columns by '，'; valid: a comma",
    ),
    _K.refused(
        "semicolon-header",
        "semicolons in the header alone",
        TRANSACTIONS.text(header=TRANSACTIONS.header.replace(",", ";")),
        "separates columns by ';'; valid: a comma",
    ),
    _K.refused(
        "control-a",
        "Hive's separator (0x01)",
        _GOOD.replace(b",", b"\x01"),
        "has no header: line 1 names none of …",
    ),
    _K.refused(
        "sep-line",
        "Excel's line sep=, before the header",
        b"sep=,\n" + _GOOD,
        "has no header: line 1 names none of …",
    ),
    _K.rejected(
        "semicolon-line",
        "semicolons in one line",
        "T2;C1;2025-03-30 23:59:59;5.00;fee;CNY;pos",
        None,
        "1 field instead of 7",
    ),
    _K.rejected(
        "fullwidth-comma-line",
        "full-width commas in one line",
        "T2，C1，2025-03-30 23:59:59，5.00，fee，CNY，pos",
        None,
        "1 field instead of 7",
    ),
    _K.rejected("decimal-comma", "a decimal comma", "T2,C1,2025-03-30 23:59:59,5,00,fee,CNY,pos", None, _8),
    _K.rejected(
        "decimal-comma-short",
        "a decimal comma in a line that lacks its last field",
        "T2,C1,2025-03-30 23:59:59,5,00,fee,CNY",
        "transaction_type",
        f"'00' is not one of {', '.join(_TYPES)}",
    ),
    _K.value(
        "decimal-comma-quoted",
        "a decimal comma in quotation marks",
        "amount",
        '"5,00"',
        "'5,00' is not a decimal(18,2)",
    ),
    _K.rejected(
        "thousands",
        "a thousands separator without quotation marks",
        "T2,C1,2025-03-30 23:59:59,1,234.56,fee,CNY,pos",
        None,
        _8,
    ),
    _K.value(
        "thousands-quoted",
        "a thousands separator",
        "amount",
        '"1,234.56"',
        "'1,234.56' is not a decimal(18,2)",
    ),
    _K.value(
        "thousands-blank",
        "a blank between thousands",
        "amount",
        "1 234.56",
        "'1 234.56' is not a decimal(18,2)",
    ),
    _K.value(
        "thousands-apostrophe",
        "an apostrophe between thousands",
        "amount",
        "1'234.56",
        "'1'234.56' is not a decimal(18,2)",
    ),
    _K.rejected(
        "field-missing",
        "a field too few",
        "T2,C1,2025-03-30 23:59:59,5.00,fee,CNY",
        None,
        "6 fields instead of 7",
    ),
    _K.rejected("field-extra", "a field too many", "T2,C1,C1,2025-03-30 23:59:59,5.00,fee,CNY,pos", None, _8),
    _K.rejected("line-cut", "a line cut short", "T2,C1,2025-0", None, "3 fields instead of 7"),
    _K.file(
        "file-cut",
        "a file cut short in its last line",
        _GOOD[:-40],
        TRANSACTIONS.rows[:2],
        [(4, None, "3 fields instead of 7")],
    ),
    _K.loaded(
        "trailing-everywhere",
        "a comma at the end of every line and of the header",
        _GOOD.replace(b"\n", b",\n"),
    ).reported("deephaven/deephaven-core#1800", "wireservice/csvkit#426"),
    _K.loaded(
        "two-trailing-everywhere",
        "two commas at the end of every line and of the header",
        _GOOD.replace(b"\n", b",,\n"),
    ),
    _K.loaded(
        "trailing-in-lines",
        "a comma at the end of every line, not of the header",
        TRANSACTIONS.text(*(f"{row}," for row in TRANSACTIONS.rows)),
    ).reported("javiertelioz/angular2-csv#9", "tickbin/tickbin#233"),
    _K.loaded(
        "three-trailing-in-lines",
        "three commas at the end of every line, not of the header",
        TRANSACTIONS.text(*(f"{row},,," for row in TRANSACTIONS.rows)),
    ),
    _K.file(
        "trailing-in-text",
        "a comma at the end of every line whose values may hold one: an unquoted comma looks the same",
        BRANCHES.text("B1,滨江支行,杭州,", "B2,湖畔,一号支行,"),
        [],
        [(2, None, "4 fields instead of 3"), (3, None, "4 fields instead of 3")],
        BRANCHES,
    ),
    _K.file(
        "trailing-in-one",
        "a comma at the end of one line",
        TRANSACTIONS.text(_FIRST, TRANSACTIONS.rows[1] + ",", _LAST),
        [_FIRST, _LAST],
        [(3, None, _8)],
    ),
    _K.file(
        "trailing-with-values",
        "a value behind the last column of every line",
        TRANSACTIONS.text(*(f"{row},x" for row in TRANSACTIONS.rows)),
        [],
        [(2, None, _8), (3, None, _8), (4, None, _8)],
    ),
    _K.loaded(
        "trailing-in-header",
        "a comma at the end of the header only",
        TRANSACTIONS.text(header=TRANSACTIONS.header + ","),
    ).reported("fsprojects/FSharp.Data#688", "traviscross/mtr#575"),
    _K.loaded(
        "two-trailing-in-header",
        "two commas at the end of the header only",
        TRANSACTIONS.text(header=TRANSACTIONS.header + ",,"),
    ),
    _K.loaded("blanks-around", "blanks and tabs around the commas", _GOOD.replace(b",", b" ,\t")),
    _K.loaded(
        "padded",
        "values padded to a fixed width",
        TRANSACTIONS.text(
            *(",".join(value.ljust(30) for value in row.split(",")) for row in TRANSACTIONS.rows)
        ),
    ),
]
