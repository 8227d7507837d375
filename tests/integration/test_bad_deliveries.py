"""The tests are tested: one thing is broken in a good delivery, and exactly one check fires, in its place."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank

HEADER = TRANSACTIONS[0]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    bank = Bank(tmp_path)
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.deliver("transactions", TRANSACTIONS, control=True)
    bank.load("transactions")
    return bank


def test_the_good_delivery_is_good(bank: Bank) -> None:
    assert bank.rejects("transactions") == []
    assert bank.rows("refusals", "transactions") == []
    assert bank.rows("audit", "transactions", "lines, loaded, rejected") == [(3, 3, 0)]


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        ("T2,C1", "T2", None, "6 fields instead of 7"),
        ("T2,C1", "T2,C1,C1", None, "8 fields instead of 7"),
        ("T2", '"T2', None, "a quotation mark is not closed, or stands inside a field"),
        ("T2", "T\0", None, "the line holds a NUL byte"),
        ("T2", "", "transaction_id", "transaction_id: required, but empty"),
        ("T2", "T1", "transaction_id", "transaction_id: duplicate of transactions.csv line 2"),
        ("C1", "C8", "customer_id", "customer_id: 'C8' is not a known customers.customer_id"),
        ("03-30", "02-30", "occurred_at", "occurred_at: '2025-02-30 23:59:59.5' is not a timestamp"),
        ("03-30", "04-01", "occurred_at", "occurred_at: 2025-04-01 is after the business date 2025-03-31"),
        ("0.00", "o.oo", "amount", "amount: 'o.oo' is not a decimal(18,2)"),
        ("0.00", "0.001", "amount", "amount: '0.001' is not a decimal(18,2)"),
        ("0.00", "-1.00", "amount", "amount: '-1.00' is below the minimum 0"),
        (
            "0.00,transfer_out,",
            "0.00,transfer_out,￥",
            "currency",
            "currency: '￥' does not match ^[A-Z]{3}$",
        ),
    ],
)
def test_a_broken_line_is_rejected_alone(
    bank: Bank, old: str, new: str, column: str | None, reason: str
) -> None:
    lines = [*TRANSACTIONS]
    assert old in lines[2]
    lines[2] = lines[2].replace(old, new, 1)
    bank.deliver("transactions", lines, control=True)
    result = bank.load("transactions")
    assert bank.rejects("transactions") == [("transactions.csv", 3, column, reason)]
    assert bank.rows("rejects", "transactions", "raw_text") == [lines[2].replace("\0", "\\x00")]
    assert bank.rows("raw", "transactions", "transaction_id") == ["T1", "T3"]
    assert (result.lines, result.loaded, result.rejected, result.refused) == (3, 2, 1, ())


@pytest.mark.parametrize(("column", "word"), [("transaction_type", "gift"), ("channel", "fax")])
def test_a_word_outside_the_list_is_rejected(bank: Bank, column: str, word: str) -> None:
    lines = [*TRANSACTIONS]
    lines[1] = lines[1].replace("deposit" if column == "transaction_type" else "app", word)
    bank.deliver("transactions", lines, control=True)
    bank.load("transactions")
    ((file, line, found, reason),) = bank.rejects("transactions")
    assert (file, line, found) == ("transactions.csv", 2, column)
    assert reason.startswith(f"{column}: '{word}' is not one of ")


def test_bytes_of_another_encoding_are_rejected(bank: Bank) -> None:
    text = "\n".join([*CUSTOMERS, "C3,individual,2020-01-01,"])
    bank.deliver("customers", text.encode("gb18030") + b"\xff\xfe\nC4,individual,2020-01-01,\n", NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    assert bank.rejects("customers") == [
        ("customers.csv", 4, None, "not valid gb18030, byte 0xff at position 26")
    ]


def replace(content: bytes) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_bytes(content)

    return write


def header(names: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        rows = file.read_text().splitlines(keepends=True)
        file.write_text("".join([f"{names}\n", *rows[1:]]))

    return write


def control(text: str) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.with_name(f"{file.name}.ctl").write_text(text)

    return write


def renamed(name: str) -> Callable[[Path], None]:
    def rename(file: Path) -> None:
        file.with_name("transactions.csv.ctl").unlink()
        file.rename(file.with_name(name))

    return rename


def gzipped_and_cut(file: Path) -> None:
    content = gzip.compress(file.read_bytes() * 100)
    renamed("transactions.csv.gz")(file)
    file.with_name("transactions.csv.gz").write_bytes(content[:-10])


def damaged_parquet(file: Path) -> None:
    renamed("transactions.parquet")(file)
    target = file.with_name("transactions.parquet")
    names = HEADER.split(",")
    pq.write_table(pa.table({name: [f"{name}{row}" for row in range(9)] for name in names}), target)
    content = bytearray(target.read_bytes())
    content[8:40] = b"\xff" * 32
    target.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "file", "column", "reason"),
    [
        (control("rows=4\nsha256=" + "0" * 64 + "\n"), "transactions.csv", None, "checksum is "),
        (
            control("rows=three\n"),
            "transactions.csv",
            None,
            "transactions.csv.ctl is malformed; valid: rows=",
        ),
        (control("\xff\0"), "transactions.csv", None, "transactions.csv.ctl is malformed"),
        (
            header(HEADER.replace("amount", "sum")),
            "transactions.csv",
            "amount",
            "required column amount is missing",
        ),
        (
            header(HEADER.replace("currency", "AMOUNT")),
            "transactions.csv",
            "amount",
            "column amount is in the header twice",
        ),
        (
            header(HEADER.replace("channel", "cardPIN")),
            "transactions.csv",
            "cardPIN",
            "column cardPIN looks like data",
        ),
        (
            header(HEADER.replace("channel", "交易密码")),
            "transactions.csv",
            "交易密码",
            "column 交易密码 looks like data",
        ),
        (
            header(HEADER.replace("channel", "cvv2")),
            "transactions.csv",
            "cvv2",
            "column cvv2 looks like data",
        ),
        (
            header(TRANSACTIONS[1]),
            "transactions.csv",
            None,
            "has no header: line 1 names none of transaction_id",
        ),
        (header(""), "transactions.csv", None, "cannot be read: there is no header"),
        (header('"' + HEADER), "transactions.csv", None, "cannot be read: the header has a quotation mark"),
        (replace(b""), "transactions.csv", None, "cannot be read: the file is empty, not even a header"),
        (
            replace(HEADER.encode() + b"\n" + b"x" * (5 << 20)),
            "transactions.csv",
            None,
            "cannot be read to its end: a line",
        ),
        (
            renamed("transactions.txt"),
            "transactions.txt",
            None,
            "unknown ending; valid: .csv, .csv.gz, .parquet",
        ),
        (renamed("transactions.csv.gz"), "transactions.csv.gz", None, "cannot be read: Not a gzipped file"),
        (
            renamed("transactions.parquet"),
            "transactions.parquet",
            None,
            "cannot be read: Parquet magic bytes not found",
        ),
        (gzipped_and_cut, "transactions.csv.gz", None, "cannot be read to its end: Compressed file ended"),
        (damaged_parquet, "transactions.parquet", None, "cannot be read to its end: "),
        (lambda file: file.unlink(), "transactions.csv.ctl", None, "the file it controls was not delivered"),
    ],
)
def test_a_broken_file_is_refused_and_what_was_loaded_stays(
    bank: Bank, damage: Callable[[Path], None], file: str, column: str | None, reason: str
) -> None:
    before = {kind: bank.files(kind) for kind in ("raw", "rejects", "audit")}
    delivered = bank.settings.landing / "transactions" / str(DAY) / "transactions.csv"
    damage(delivered)
    result = bank.load("transactions")
    ((found_file, found_column, found_reason),) = bank.rows(
        "refusals", "transactions", "file, column_name, reason"
    )
    assert (found_file, found_column) == (file, column)
    assert found_reason.startswith(reason)
    assert [(item.file, item.column_name) for item in result.refused] == [(file, column)]
    assert {kind: bank.files(kind) for kind in ("raw", "rejects", "audit")} == before


def test_a_wrong_row_count_is_refused(bank: Bank) -> None:
    file = bank.deliver("transactions", [*TRANSACTIONS, "T4,C1,2025-03-31 09:00:00,1.00,deposit,,"])
    bank.control(file, rows=3)
    (refusal,) = bank.load("transactions").refused
    assert refusal.reason == "holds 4 rows, the control file says 3"


def test_one_bad_file_refuses_all_files_of_its_delivery_and_every_fault_is_told(bank: Bank) -> None:
    bank.deliver("transactions", TRANSACTIONS, NEXT_DAY, "a.csv")
    bank.deliver("transactions", ["transaction_id"], NEXT_DAY, "b.csv")
    bank.deliver("transactions", TRANSACTIONS, NEXT_DAY, "c.xlsx")
    result = bank.load("transactions", NEXT_DAY)
    assert result.audits == ()
    assert [refusal.file for refusal in result.refused] == ["b.csv", "c.xlsx"]
    assert bank.rows("raw", "transactions", "distinct business_date") == [DAY]


@pytest.mark.parametrize("name", ["shipping_mode", "opinion", "pinyin", "passenger", "cvr"])
def test_harmless_names_are_extra_columns(bank: Bank, name: str) -> None:
    lines = [f"{HEADER},{name}", *(f"{line},x" for line in TRANSACTIONS[1:])]
    bank.deliver("transactions", lines, control=True)
    (audit,) = bank.load("transactions").audits
    assert (audit.loaded, audit.extra_columns) == (3, name)
