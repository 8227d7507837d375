"""Quotation marks that are not closed, misplaced, or of another kind."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, TRANSACTIONS, Kind

_K = Kind("quotes")
_NOT_CLOSED = "a quotation mark is not closed, or stands inside a field"
_B1, _B2, _B3 = BRANCHES.rows
_C1, _, _C3 = CUSTOMERS.rows
_QUOTED = BRANCHES.text(*(",".join(f'"{value}"' for value in row.split(",")) for row in BRANCHES.rows))

CASES = [
    _K.loaded("all-quoted", "every value in quotation marks", _QUOTED, sample=BRANCHES),
    _K.loaded(
        "blanks-outside",
        "blanks outside of quotation marks",
        _QUOTED.replace(b'","', b'" , "'),
        sample=BRANCHES,
    ),
    _K.loaded("tab-outside", "a tab after a quoted value", _QUOTED.replace(b'",', b'"\t,'), sample=BRANCHES),
    _K.loaded(
        "blank-at-line-end",
        "a blank after the last quoted value",
        _QUOTED.replace(b'"\n', b'" \n'),
        sample=BRANCHES,
    ).reported("adaltas/node-csv-parse#36"),
    _K.loaded(
        "crlf-quoted", "quoted values and Windows line ends", _QUOTED.replace(b"\n", b"\r\n"), sample=BRANCHES
    ),
    _K.good_value(
        "blank-and-comma",
        "a quoted value with a comma after a blank",
        "branch_name",
        ' "滨江, 一号" ',
        "滨江, 一号",
        BRANCHES,
    ),
    _K.good_value(
        "doubled", "doubled quotation marks", "branch_name", '"""滨江"" 支行"', '"滨江" 支行', BRANCHES
    ),
    _K.good_value(
        "doubled-and-blanks",
        "doubled quotation marks that look like the end of a value",
        "branch_name",
        ' "a "" ,"" b" ',
        'a " ," b',
        BRANCHES,
    ),
    _K.good_value("quoted-empty", "an empty value in quotation marks", "city", '""', "", BRANCHES),
    _K.good_value(
        "curly",
        "curly quotation marks, which are part of the text",
        "branch_name",
        "“滨江”支行",
        "“滨江”支行",
        BRANCHES,
    ),
    _K.good_value(
        "apostrophe", "an apostrophe in a text", "branch_name", "King's Road", "King's Road", BRANCHES
    ),
    _K.good_value(
        "backslash", "a backslash, which escapes nothing", "branch_name", "a\\n\\", "a\\n\\", BRANCHES
    ),
    _K.rejected(
        "not-closed", "a quotation mark that is not closed", 'B2,"湖畔支行,杭州', None, _NOT_CLOSED, BRANCHES
    ),
    _K.rejected(
        "not-opened", "a quotation mark that was not opened", 'B2,湖畔支行",杭州', None, _NOT_CLOSED, BRANCHES
    ),
    _K.rejected(
        "inside", "quotation marks inside of a value", 'B2,湖畔"一号"支行,杭州', None, _NOT_CLOSED, BRANCHES
    ),
    _K.rejected("inches", "inches", 'B2,17" screen,杭州', None, _NOT_CLOSED, BRANCHES),
    _K.rejected(
        "after-the-end", "text after a quoted value", 'B2,"湖畔"支行,杭州', None, _NOT_CLOSED, BRANCHES
    ),
    _K.rejected(
        "backslash-quote",
        "a quotation mark escaped by a backslash",
        'B2,"湖畔\\"支行",杭州',
        None,
        _NOT_CLOSED,
        BRANCHES,
    ),
    _K.rejected(
        "three",
        "a quotation mark doubled without being closed",
        'B2,"湖畔"",杭州',
        None,
        _NOT_CLOSED,
        BRANCHES,
    ),
    _K.rejected(
        "whole-line",
        "a whole line in quotation marks",
        '"B2,湖畔支行,杭州"',
        None,
        "1 field instead of 3",
        BRANCHES,
    ),
    _K.rejected(
        "extra-quoted",
        "a quoted field too many",
        '"B2","湖畔支行","杭州",""',
        None,
        "4 fields instead of 3",
        BRANCHES,
    ),
    *(
        _K.loaded(
            case,
            wrong,
            BRANCHES.text(_B1, f'B2,"{text}",杭州', _B3),
            [_B1, f"B2,{text},杭州", _B3],
            BRANCHES,
        ).reported(*reports)
        for case, wrong, text, reports in (
            (
                "line-break",
                "a line break in a quoted value",
                "湖畔\n支行",
                ["shaovoon/minicsv#3", "mechatroner/rainbow_csv#3"],
            ),
            ("two-line-breaks", "two line breaks in a quoted value", "湖畔\n一号\n支行", []),
            (
                "line-like-a-record",
                "a text whose middle line looks like a record",
                "湖畔\nB9,假支行,上海\n支行",
                ["highcharts/highcharts#25193"],
            ),
            (
                "line-like-the-header",
                "a text whose middle line looks like the header",
                f"湖畔\n{BRANCHES.header}\n支行",
                [],
            ),
            ("empty-lines-inside", "a text with empty lines and lines of commas", "湖畔\n\n,,\n支行", []),
        )
    ),
    _K.loaded(
        "line-breaks-and-doubled",
        "doubled quotation marks in a text of two lines, with Windows line ends",
        BRANCHES.text(_B1, 'B2,"湖畔 ""一\n号"" 支行",杭州', _B3).replace(b"\n", b"\r\n"),
        [_B1, 'B2,湖畔 "一\n号" 支行,杭州', _B3],
        BRANCHES,
    ),
    _K.loaded(
        "line-breaks-gb18030",
        "a text of three lines in another encoding",
        CUSTOMERS.text(_C1, 'C2,individual,2020-02-29,"李\nC9,individual,2020-01-01,假,true\n四",false', _C3),
        [_C1, "C2,individual,2020-02-29,李\nC9,individual,2020-01-01,假,true\n四,false", _C3],
        CUSTOMERS,
    ).reported("use-agent-os/agent-os#1218"),
    _K.file(
        "line-breaks-and-bad-value",
        "a text of two lines in a record with a bad value: named by its first line",
        CUSTOMERS.text(_C1, 'C2,nobody,2020-02-29,"李\n四",false', _C3),
        [_C1, _C3],
        [(3, "customer_type", "customer_type: 'nobody' is not one of individual, corporate")],
        CUSTOMERS,
    ),
    _K.file(
        "line-break-and-extra",
        "a text of two lines in a record with a field too many",
        BRANCHES.text(_B1, 'B2,"湖畔\n支行",杭州,x', _B3),
        [_B1, _B3],
        [(3, None, "4 fields instead of 3, up to line 4")],
        BRANCHES,
    ),
    _K.file(
        "line-break-and-inside",
        "a text of two lines with quotation marks that are not doubled",
        BRANCHES.text(_B1, 'B2,"湖畔\n"一号" 支行",杭州', _B3),
        [_B1, _B3],
        [(3, None, f"{_NOT_CLOSED}, up to line 4")],
        BRANCHES,
    ),
    _K.file(
        "cut-in-text",
        "a file that ends in the middle of a text of two lines",
        BRANCHES.text(_B1, _B2, 'B3,"中山\n支行').rstrip(b"\n"),
        [_B1, _B2],
        [(4, None, f"{_NOT_CLOSED}, up to line 5")],
        BRANCHES,
    ),
    _K.file(
        "not-closed-twice",
        "two lines with a quotation mark that is not closed, and a good one between them",
        BRANCHES.text('B1,滨江支行,"杭州', _B2, 'B3,中山支行,"杭州'),
        [_B2],
        [(2, None, _NOT_CLOSED), (4, None, _NOT_CLOSED)],
        BRANCHES,
    ).reported("adaltas/node-csv-parse#273"),
    _K.loaded(
        "no-break-outside",
        "no-break and full-width blanks and a zero-width space after quoted values",
        _QUOTED.replace(b'","', '"\u00a0,"'.encode()).replace(b'"\n', '"\u3000\u200b\n'.encode()),
        sample=BRANCHES,
    ),
    _K.value(
        "single",
        "single quotation marks, which are part of the value",
        "customer_id",
        "'C1'",
        "''C1'' is not a known customers.customer_id",
    ),
    _K.value(
        "curly-number",
        "curly quotation marks around a number",
        "amount",
        "“5.00”",
        "'“5.00”' is not a decimal(18,2)",
    ),
    _K.value(
        "excel-formula",
        "Excel's way to keep an id as text",
        "amount",
        '"=""5.00"""',
        "'=\"5.00\"' is not a decimal(18,2)",
    ),
    _K.rejected(
        "blanks-and-bad-value",
        "blanks outside of quotation marks and a bad value: the raw text stays as delivered",
        '"T2" , "C1" ,"2025-03-30 23:59:59", "5,00",fee,CNY,pos',
        "amount",
        "'5,00' is not a decimal(18,2)",
    ),
    _K.refused(
        "header-not-closed",
        "a quotation mark in the header that is not closed",
        b'"' + TRANSACTIONS.text(),
        "cannot be read: the header has a quotation mark that is not closed",
    ),
]
