"""Line ends of other systems, and lines that hold no record."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CAMPAIGNS, CUSTOMERS, TRANSACTIONS, Kind, missing

_K = Kind("line_ends")
_GOOD = TRANSACTIONS.text()
_HEADER = TRANSACTIONS.header.encode() + b"\n"
_FIRST, _SECOND, _LAST = TRANSACTIONS.rows
_ONLY_CR = "cannot be read: lines end in a carriage return alone; valid: a line feed, or both"
_SECTION = "another header; the lines after it are read by it"
_TOTAL = "a line of totals, no record"
_LABELS = "交易流水号,客户号,交易时间,交易金额,交易类型,币种,渠道"


def _backwards(line: str) -> str:
    return ",".join(reversed(line.split(",")))


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
    _K.loaded(
        "comma-lines-of-any-length",
        "lines of more or fewer commas than the header, and of full-width and no-break blanks",
        _GOOD.replace(b"\n", "\n,,\n,,,,,,,,,,\n\t,\u3000,\u00a0,\n".encode()),
    ).reported("jakob/Postico#550", "microsoft/AzureStorageExplorer#3136"),
    _K.loaded(
        "comma-lines-gb18030",
        "lines of commas and full-width blanks in another encoding",
        CUSTOMERS.text(CUSTOMERS.rows[0], ",,\u3000,,", *CUSTOMERS.rows[1:], "\u3000", ",,,,"),
        sample=CUSTOMERS,
    ).reported("alphagov/notifications-utils#14"),
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
        [(5, None, "a line of totals, no record")],
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
    *(
        _K.file(case, wrong, content, TRANSACTIONS.rows, rejects).reported(*reports)
        for case, wrong, content, rejects, reports in (
            (
                "section",
                "files put together whose columns have another order: each is read by its own header",
                TRANSACTIONS.text(_FIRST, *map(_backwards, (TRANSACTIONS.header, _SECOND, _LAST))),
                [(3, None, _SECTION)],
                ["wireservice/csvkit#245", "wireservice/csvkit#1233", "dathere/qsv#527"],
            ),
            (
                "section-and-back",
                "three files put together, the second in another order and in capitals",
                TRANSACTIONS.text(
                    *(_FIRST, _backwards(TRANSACTIONS.header).upper(), _backwards(_SECOND)),
                    *(TRANSACTIONS.header, _LAST),
                ),
                [(3, None, _SECTION), (5, None, _SECTION)],
                ["whitfin/s3-concat#3"],
            ),
            (
                "section-with-more",
                "files put together, the second with a column that the contract does not know",
                TRANSACTIONS.text(_FIRST, f"note,{TRANSACTIONS.header}", f"x,{_SECOND}", f"y,{_LAST}"),
                [(3, None, _SECTION)],
                [],
            ),
            (
                "labels",
                "a line of business names below the header",
                TRANSACTIONS.text(_LABELS, *TRANSACTIONS.rows),
                [(2, None, "a line of labels, no record")],
                ["tidyverse/readr#1442", "tidyverse/readr#179"],
            ),
            (
                "labels-own-words",
                "a line of labels in words of their own below the header",
                TRANSACTIONS.text("流水号,客户,时间,金额,类型,货币,渠道", *TRANSACTIONS.rows),
                [(2, None, "a line of labels, no record")],
                [],
            ),
            (
                "labels-in-the-middle",
                "files put together with their lines of labels",
                TRANSACTIONS.text(_LABELS, _FIRST, TRANSACTIONS.header, _LABELS, _SECOND, _LAST),
                [
                    (2, None, "a line of labels, no record"),
                    (4, None, "the header once more"),
                    (5, None, "a line of labels, no record"),
                ],
                [],
            ),
            (
                "rule",
                "a line of dashes below the header",
                TRANSACTIONS.text("---,---,---,---,---,---,---", *TRANSACTIONS.rows),
                [(2, None, "a line of labels, no record")],
                ["Keyang/node-csvtojson#281"],
            ),
            (
                "types",
                "a line of types below the header",
                TRANSACTIONS.text(
                    "varchar(20),varchar,timestamp,decimal(18,2),text,char(3),text", *TRANSACTIONS.rows
                ),
                [(2, None, "a line of types, no record")],
                [],
            ),
            (
                "totals",
                "lines of totals below the table",
                _GOOD + '合计,,,1000017.30,,,\nTotal,,,"1,000,017.30",,,\n,,小计：,1000017.30,,,\n'.encode(),
                [(line, None, _TOTAL) for line in (5, 6, 7)],
                ["JoshClose/CsvHelper#893", "frappe/frappe#39293"],
            ),
            (
                "totals-counted",
                "totals with a count in the same field",
                _GOOD + "总计 3 笔,,,,,,\n记录数：3\nGrand Total: 3,,1000017.30\n".encode(),
                [(line, None, _TOTAL) for line in (5, 6, 7)],
                [],
            ),
            (
                "totals-between",
                "totals of pages between the records",
                TRANSACTIONS.text(_FIRST, "本页小计,1,,12.30,,,", _SECOND, "sub total,1,,5.00,,,", _LAST),
                [(3, None, _TOTAL), (5, None, _TOTAL)],
                [],
            ),
        )
    ),
    _K.refused(
        "section-without",
        "files put together, the second without a required column",
        TRANSACTIONS.text(_FIRST, TRANSACTIONS.header.replace("amount", "sum"), _SECOND),
        "line 3 is another header, but " + missing("amount", TRANSACTIONS.header.replace("amount", "sum")),
        "amount",
    ),
    _K.refused(
        "section-of-labels",
        "files put together, the second with labels in another order instead of its header",
        TRANSACTIONS.text(_FIRST, _backwards(_LABELS), _backwards(_SECOND)),
        "line 3 labels the columns in another order; valid: a header of their names",
    ),
    _K.loaded(
        "names-like-totals",
        "records with words of totals in their names",
        BRANCHES.text("1,总计,", "2,Total,杭州", "合计支行,小计,上海", "total,合计支行,杭州"),
        ["1,总计,", "2,Total,杭州", "合计支行,小计,上海", "total,合计支行,杭州"],
        BRANCHES,
    ),
    _K.loaded(
        "names-like-labels",
        "a first record with words of labels and types in its names",
        CAMPAIGNS.text("活动号,活动名称,2025-01-01,", "date,text,2025-02-01,"),
        ["活动号,活动名称,2025-01-01,", "date,text,2025-02-01,"],
        CAMPAIGNS,
    ),
    _K.file(
        "first-record-wrong",
        "a first record with words for dates is a wrong record, not a line of labels",
        CUSTOMERS.text("C9,individual,unknown,王,true", *CUSTOMERS.rows),
        CUSTOMERS.rows,
        [(2, "opened_on", "opened_on: 'unknown' is not a date")],
        CUSTOMERS,
    ),
]
