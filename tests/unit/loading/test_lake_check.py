"""A lake file that is lost or changed is noticed, and loaded again or named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import lake
from orchestration.lake import integrity
from orchestration.loading import loader
from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank, contracts

ROWS = [*TRANSACTIONS, "T9,C9,2025-03-31 09:00:00,5.00,deposit,,"]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    bank = Bank(tmp_path)
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.deliver("transactions", ROWS)
    bank.deliver("transactions", [TRANSACTIONS[0], "T8,C1,2025-04-01 09:00:00,1.00,fee,,"], NEXT_DAY)
    bank.load("transactions", DAY, NEXT_DAY)
    return bank


def file_of(bank: Bank, kind: str) -> Path:
    (file,) = lake.partition(bank.settings, kind, "transactions", DAY).glob("*.parquet")
    return file


def without_a_row(file: Path) -> None:
    pq.write_table(pq.ParquetFile(file).read().slice(1), file)


def with_other_money(file: Path) -> None:
    table = pq.ParquetFile(file).read()
    position = table.schema.get_field_index("amount")
    doubled = pa.array(
        [value * 2 for value in table.column(position).to_pylist()], table.schema.field(position).type
    )
    pq.write_table(table.set_column(position, table.schema.field(position), doubled), file)


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


DAMAGES: list[tuple[str, Callable[[Path], None]]] = [
    ("raw", Path.unlink),
    ("raw", without_a_row),
    ("raw", with_other_money),
    ("raw", cut_off),
    ("rejects", Path.unlink),
    ("rejects", cut_off),
    ("waiting", Path.unlink),
    ("audit", cut_off),
]


def test_a_lake_as_it_was_written_is_whole(bank: Bank) -> None:
    assert integrity.damage(bank.settings, "transactions") == {}
    assert integrity.damage(bank.settings, "customers") == {}


@pytest.mark.parametrize(("kind", "harm"), DAMAGES)
def test_damage_is_found_and_loaded_again_before_a_rebuild(
    bank: Bank, kind: str, harm: Callable[[Path], None]
) -> None:
    expected = {part: bank.tables(part, "transactions") for part in lake.PARTS}
    harm(file_of(bank, kind))
    assert list(integrity.damage(bank.settings, "transactions")) == [DAY]
    said: list[str] = []
    loader.load(bank.settings, contracts()["transactions"], [], contracts(), said.append, is_rebuild=True)
    assert any("loaded again from its delivery" in text for text in said)
    assert {part: bank.tables(part, "transactions") for part in lake.PARTS} == expected
    assert integrity.damage(bank.settings, "transactions") == {}


def test_a_partition_from_before_a_column_was_added_is_loaded_again_before_a_rebuild(bank: Bank) -> None:
    (file,) = lake.partition(bank.settings, "raw", "customers", DAY).glob("*.parquet")
    expected = bank.tables("raw", "customers")
    pq.write_table(pq.ParquetFile(file).read().drop_columns(["absent_columns"]), file)
    (reason,) = integrity.damage(bank.settings, "customers").values()
    assert "has other columns than its contract says now" in reason
    loader.load(bank.settings, contracts()["customers"], [], contracts(), print, is_rebuild=True)
    assert bank.tables("raw", "customers") == expected


def test_damage_whose_delivery_is_gone_is_refused_and_touches_nothing(bank: Bank) -> None:
    file_of(bank, "raw").unlink()
    shutil.rmtree(bank.settings.landing / "transactions" / str(DAY))
    before = bank.files(".")
    with pytest.raises(integrity.LakeError, match=r"holds 0 rows, but its audit says 3\n.*Put the delivery"):
        loader.load(bank.settings, contracts()["transactions"], [], contracts(), print, is_rebuild=True)
    assert bank.files(".") == before


def test_a_day_that_was_published_and_is_nowhere_in_the_lake_is_loaded_again(bank: Bank) -> None:
    for kind in (*lake.PARTS, "audit"):
        shutil.rmtree(lake.partition(bank.settings, kind, "transactions", DAY), ignore_errors=True)
    loader.load(bank.settings, contracts()["transactions"], [], contracts(), print, built={DAY, NEXT_DAY})
    assert sorted(lake.committed(bank.settings, "transactions")) == [DAY, NEXT_DAY]


def test_a_day_that_was_published_and_is_nowhere_at_all_is_refused(bank: Bank) -> None:
    for kind in (*lake.PARTS, "audit"):
        shutil.rmtree(lake.partition(bank.settings, kind, "transactions", DAY), ignore_errors=True)
    shutil.rmtree(bank.settings.landing / "transactions" / str(DAY))
    with pytest.raises(integrity.LakeError, match="the lake no longer holds transactions of 2025-03-31"):
        loader.load(bank.settings, contracts()["transactions"], [], contracts(), print, built={DAY})


def test_an_audit_from_before_checksums_is_held_against_its_rows(bank: Bank) -> None:
    file = file_of(bank, "audit")
    pq.write_table(pq.ParquetFile(file).read().drop_columns(["lake_sha256"]), file)
    assert integrity.damage(bank.settings, "transactions") == {}
    without_a_row(file_of(bank, "raw"))
    assert list(integrity.damage(bank.settings, "transactions")) == [DAY]
