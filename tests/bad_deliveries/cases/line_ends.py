"""Line ends of other systems, and lines that hold no record."""

from __future__ import annotations

from tests.bad_deliveries.case import TRANSACTIONS, Kind

_K = Kind("line_ends")
_GOOD = TRANSACTIONS.text()
_HEADER = TRANSACTIONS.header.encode() + b"\n"
_FIRST, _SECOND, _LAST = TRANSACTIONS.rows
_ONLY_CR = "cannot be read: lines end in a carriage return alone; valid: a line feed, or both"

CASES = [
    _K.loaded("crlf", "Windows line ends", _GOOD.replace(b"\n", b"\r\n")),
    _K.loaded("mixed", "line ends of both kinds", _GOOD.replace(b"\n", b"\r\n", 2)),
    _K.loaded("crcrlf", "Windows line ends translated twice", _GOOD.replace(b"\n", b"\r\r\n")),
    _K.refused(
        "cr", "carriage returns alone, as old Macintosh programs write", _GOOD.replace(b"\n", b"\r"), _ONLY_CR
    ),
    _K.refused(
        "cr-header", "a carriage return alone after the header", _GOOD.replace(b"\n", b"\r", 1), _ONLY_CR
    ),
    _K.rejected(
        "cr-inside",
        "a carriage return inside of a line",
        "T2,C1,2025-03-30 23:59:59,5.00,fee\r,CNY,pos",
        None,
        "the line holds a carriage return inside",
    ),
    _K.file(
        "cr-between",
        "a carriage return alone between two records",
        TRANSACTIONS.text(f"{_FIRST}\r{_SECOND}", _LAST),
        [_LAST],
        [(2, None, "the line holds a carriage return inside")],
    ),
    _K.rejected(
        "line-separator",
        "another line end (U+2028) inside of a line is text",
        "T2,C1,2025-03-30 23:59:59,5.00,fee,C\u2028Y,pos",
        "currency",
        "'C\u2028Y' does not match ^[A-Z]{3}$",
    ),
    _K.loaded("no-last", "no line end after the last line", _GOOD.rstrip(b"\n")),
    _K.loaded("cr-last", "a carriage return alone after the last line", _GOOD.rstrip(b"\n") + b"\r"),
    _K.loaded("blank-lines", "blank lines between and after the records", _GOOD.replace(b"\n", b"\n\n\r\n")),
    _K.loaded("white-lines", "lines of blanks and tabs", _GOOD.replace(b"\n", b"\n   \n\t\n")),
    _K.loaded("comma-lines", "lines of commas alone, as Excel leaves below a table", _GOOD + b",,,,,,\n" * 3),
    _K.loaded(
        "comma-lines-between",
        "lines of commas and blanks between the records",
        _GOOD.replace(b"\n", b"\n, , ,\t, , ,\r\n"),
    ),
    _K.loaded("commas-at-end", "commas without a line end after the last record", _GOOD + b",,,,,,"),
    _K.refused(
        "blank-first", "a blank line before the header", b"\n" + _GOOD, "cannot be read: there is no header"
    ),
    _K.loaded("ctrl-z", "Ctrl-Z at the end, as DOS programs write", _GOOD + b"\x1a"),
    _K.loaded("ctrl-z-after-record", "Ctrl-Z straight after the last record", _GOOD.rstrip(b"\n") + b"\x1a"),
    _K.rejected("ctrl-z-inside", "Ctrl-Z in the middle of a file", b"\x1a", None, "1 field instead of 7"),
    _K.file(
        "footer",
        "a line that counts the records at the end",
        _GOOD + b"TOTAL,3\n",
        TRANSACTIONS.rows,
        [(5, None, "2 fields instead of 7")],
    ),
    _K.file(
        "comment",
        "a line of comment",
        TRANSACTIONS.text("# exported by core", *TRANSACTIONS.rows),
        TRANSACTIONS.rows,
        [(2, None, "1 field instead of 7")],
    ),
    _K.file(
        "required-empty-line",
        "a line of empty quoted values is a record",
        TRANSACTIONS.text(_FIRST, '"","","","","","",""', _LAST),
        [_FIRST, _LAST],
        [(3, "transaction_id", "transaction_id: required, but empty")],
    ),
    _K.refused(
        "too-long",
        "a line of more than 4 MiB",
        _HEADER + b"x" * (5 << 20),
        "cannot be read to its end: line 2 is longer than 4194304 bytes",
    ),
    _K.refused(
        "too-long-between",
        "a line of more than 4 MiB between good ones",
        _GOOD + b"x" * (5 << 20) + b"\n" + _GOOD,
        "cannot be read to its end: line 5 is longer than 4194304 bytes",
    ),
    _K.refused("endless", "no line end at all", b"x" * (5 << 20), "has no header: line 1 names none of …"),
    _K.rejected(
        "megabyte",
        "a value of a megabyte",
        TRANSACTIONS.with_value("currency", "x" * (1 << 20)),
        "currency",
        f"'{'x' * 60}' does not match ^[A-Z]{{3}}$",
    ),
]
