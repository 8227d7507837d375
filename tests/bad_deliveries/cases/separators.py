"""Other separators than the comma, and commas where none belong."""

from __future__ import annotations

from tests.bad_deliveries.case import TRANSACTIONS, Kind
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
    ),
    _K.loaded(
        "two-trailing-everywhere",
        "two commas at the end of every line and of the header",
        _GOOD.replace(b"\n", b",,\n"),
    ),
    _K.file(
        "trailing-in-lines",
        "a comma at the end of every line, not of the header: an unquoted comma would look the same",
        TRANSACTIONS.text(*(f"{row}," for row in TRANSACTIONS.rows)),
        [],
        [(2, None, _8), (3, None, _8), (4, None, _8)],
    ),
    _K.file(
        "trailing-in-header",
        "a comma at the end of the header only",
        TRANSACTIONS.text(header=TRANSACTIONS.header + ","),
        [],
        [(line, None, "7 fields instead of 8") for line in (2, 3, 4)],
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
