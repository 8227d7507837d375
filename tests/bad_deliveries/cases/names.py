"""Names, links and folders, and several files in one delivery."""

from __future__ import annotations

from pathlib import Path

from tests.bad_deliveries.case import TRANSACTIONS, Case, Kind, Refusal, missing

_K = Kind("names")
_GOOD = TRANSACTIONS.text()
_FIRST, _SECOND, _LAST = TRANSACTIONS.rows
_NO_TEXT = "a name that is not text; rename the file"
_ENDING = "unknown ending; valid: .csv, .csv.gz, .parquet"
_LINK = "is a link, whose target may be changed unnoticed; valid: the file itself"


def _named(case: str, wrong: str, name: str) -> Case:
    return _K.loaded(case, wrong, _GOOD, file=name)


def _ending(case: str, wrong: str, name: str) -> Case:
    return _K.refused(case, wrong, _GOOD, _ENDING, file=name)


def _link(path: Path) -> None:
    target = path.parents[3] / "elsewhere.csv"
    target.write_bytes(_GOOD)
    path.symlink_to(target)


CASES = [
    _ending("workbook", "a workbook", "transactions.xlsx"),
    _ending("text", "another ending", "transactions.txt"),
    _ending("capitals", "an ending in capitals", "transactions.CSV"),
    _ending("no-ending", "no ending", "transactions"),
    _ending("other-compression", "another compression", "transactions.csv.zst"),
    _ending("copy", "the copy of an editor", "transactions.csv~"),
    _ending("unfinished", "an upload that is not finished", "transactions.csv.part"),
    _ending("blank-ending", "a blank after the ending", "transactions.csv "),
    _named("blank", "blanks in the name", "my transactions (2).csv"),
    _named("chinese", "a Chinese name", "交易流水.csv"),
    _named("quotes", "quotation marks in the name", 'it\'s "new".csv'),
    _named("brackets", "wildcards in the name", "[a-z]*{0}?.csv"),
    _K.refused("line-end", "a line end in the name", _GOOD, _NO_TEXT, file="trans\nactions.csv"),
    _named("colon", "a colon in the name", "a: b.csv"),
    _named("percent", "an escape in the name", "a%2Fb.csv"),
    _named("long", "a name of 200 characters", "x" * 196 + ".csv"),
    _K.refused("link", "a link to a file elsewhere", _link, _LINK),
    _K.files(
        "hidden",
        "files whose names begin with a dot or an underscore belong to somebody else",
        {".transactions.csv.part": b"T4", "_SUCCESS": b"", "transactions.csv": _GOOD},
        TRANSACTIONS.rows,
    ),
    _K.files(
        "parts",
        "a delivery in several files, one of them empty",
        {
            "a.csv": TRANSACTIONS.text(_FIRST),
            "b.csv": f"{TRANSACTIONS.header}\n".encode(),
            "c.csv": TRANSACTIONS.text(_SECOND, _LAST),
        },
        TRANSACTIONS.rows,
    ),
    _K.files(
        "one-of-two",
        "one bad file refuses the good one beside it, and every fault is reported",
        {"a.csv": _GOOD, "b.csv": b"transaction_id\n", "c.xlsx": b""},
        refusals=[
            Refusal(
                "b.csv",
                "customer_id",
                missing("customer_id", "transaction_id"),
            ),
            Refusal("c.xlsx", None, _ENDING),
        ],
    ),
]
