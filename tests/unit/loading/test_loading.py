"""How deliveries become partitions: layout, references, duplicates, re-deliveries, survival of kills."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import lake
from orchestration.lake import replacing
from orchestration.loading import batches, landing, parcels, rounds, writing
from orchestration.loading.reading import lines, streams
from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank, contracts

FX = ["currency,mid_rate", "EUR,7.81", "USD,7.26"]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


def test_a_good_delivery_is_loaded_with_types_and_places(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    bank.deliver("transactions", TRANSACTIONS, control=True)
    bank.load("customers")
    result = bank.load("transactions")
    assert (result.lines, result.loaded, result.rejected, result.dates) == (3, 3, 0, (DAY,))
    found = bank.rows(
        "raw", "transactions", "transaction_id, amount::varchar, source_file, source_line, business_date"
    )
    assert found == [
        ("T1", "12.30", "transactions.csv", 2, DAY),
        ("T2", "0.00", "transactions.csv", 3, DAY),
        ("T3", "1000000.00", "transactions.csv", 4, DAY),
    ]
    assert bank.rows("raw", "customers", "customer_name", "customer_id") == ["王小明", "远山贸易有限公司"]


def test_every_entity_has_its_schema_in_the_lake_before_any_delivery(bank: Bank) -> None:
    lake.ensure_schemas(bank.settings, contracts())
    for entity, contract in contracts().items():
        assert bank.rows("raw", entity) == []
        file = lake.partition(bank.settings, "raw", entity, lake.SCHEMA_DATE) / "schema.parquet"
        described = duckdb.execute(
            f"describe from read_parquet('{file}', hive_partitioning = false)"
        ).fetchall()
        types = {name: kind.lower() for name, kind, *_ in described}
        assert types == {column.name: column.type for column in contract.columns} | {
            "source_file": "varchar",
            "source_line": "bigint",
        }
        for kind in ("rejects", "audit", "refusals"):
            assert bank.rows(kind, entity) == []


def test_schemas_follow_the_contract_and_stay_untouched_otherwise(bank: Bank) -> None:
    lake.ensure_schemas(bank.settings, contracts())
    file = lake.partition(bank.settings, "raw", "fx_rates", lake.SCHEMA_DATE) / "schema.parquet"
    other = file.parent.parent.parent / "points" / "business_date=9999-12-31" / "schema.parquet"
    lake.write(file, pa.schema([("currency", pa.string())]), [])
    before = other.stat().st_mtime_ns
    lake.ensure_schemas(bank.settings, contracts())
    assert pq.read_schema(file) == lake.raw_schema(contracts()["fx_rates"])
    assert other.stat().st_mtime_ns == before


def test_partitions_have_the_types_of_the_schema(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    folder = lake.partition(bank.settings, "raw", "customers", DAY)
    (file,) = folder.iterdir()
    expected = lake.raw_schema(contracts()["customers"])
    assert [(field.name, field.type) for field in pq.read_schema(file)] == [
        (field.name, field.type) for field in expected
    ]


def test_the_audit_tells_what_became_of_each_file(bank: Bank) -> None:
    file = bank.deliver("fx_rates", ["mid_rate,spread,currency", "7.26,x,USD", "abc,,EUR"], name="a.csv")
    bank.deliver("fx_rates", ["currency,mid_rate"], name="b.csv")
    bank.load("fx_rates")
    columns = "file, file_sha256, lines, loaded, rejected, extra_columns, missing_columns, status"
    empty = hashlib.sha256(b"currency,mid_rate\n").hexdigest()
    assert bank.rows("audit", "fx_rates", columns) == [
        ("a.csv", hashlib.sha256(file.read_bytes()).hexdigest(), 2, 1, 1, "spread", "", "loaded"),
        ("b.csv", empty, 0, 0, 0, "", "", "empty"),
    ]
    assert bank.rejects("fx_rates") == [("a.csv", 3, "mid_rate", "mid_rate: 'abc' is not a decimal(18,8)")]


def test_missing_optional_columns_are_null_and_reported(bank: Bank) -> None:
    bank.deliver("branches", ["branch_name,branch_id", "滨江支行,B1"])
    bank.load("branches")
    assert bank.rows("raw", "branches", "branch_id, branch_name, city") == [("B1", "滨江支行", None)]
    assert bank.rows("audit", "branches", "missing_columns") == ["city"]


def test_header_names_may_be_in_capitals(bank: Bank) -> None:
    bank.deliver("fx_rates", ["CURRENCY,Mid_Rate", "USD,7.26"])
    assert bank.load("fx_rates").loaded == 1


def test_a_header_alone_is_an_empty_delivery(bank: Bank) -> None:
    bank.deliver("transactions", TRANSACTIONS[:1], control=True)
    result = bank.load("transactions")
    assert [audit.status for audit in result.audits] == ["empty"]
    assert landing.pending(bank.settings, contracts()) == {}


def test_a_day_without_delivery_is_reported_as_absent(bank: Bank) -> None:
    bank.deliver("fx_rates", FX)
    assert bank.load("fx_rates", DAY, NEXT_DAY).absent == (NEXT_DAY,)


# Forms of a file ------------------------------------------------------------------------------------


def test_gzip_and_plain_files_load_alike(bank: Bank) -> None:
    bank.deliver("fx_rates", FX, name="rates.csv.gz", control=True)
    bank.deliver("fx_rates", FX, NEXT_DAY)
    bank.load("fx_rates", DAY, NEXT_DAY)
    rows = bank.rows("raw", "fx_rates", "currency, mid_rate, source_line, business_date")
    assert [row[:3] for row in rows if row[3] == DAY] == [row[:3] for row in rows if row[3] == NEXT_DAY]


def test_members_of_a_gzip_file_are_read_one_after_the_other(bank: Bank) -> None:
    file = bank.deliver("fx_rates", FX[:2], name="rates.csv.gz")
    second = bank.deliver("fx_rates", FX[2:], NEXT_DAY, name="rates.csv.gz")
    file.write_bytes(file.read_bytes() + second.read_bytes())
    assert bank.load("fx_rates").loaded == 2


def parquet(bank: Bank, entity: str, table: pa.Table, day: date = DAY) -> Path:
    file = bank.deliver(entity, b"", day, f"{entity}.parquet")
    pq.write_table(table, file, row_group_size=2)
    return file


def test_parquet_is_judged_like_text(bank: Bank) -> None:
    table = pa.table(
        {
            "currency": ["USD", "usd", "EUR", " GBP ", "JPY", "H\0D"],
            "mid_rate": [7.26, 7.0, None, 9.25, 0.1 + 0.2, 1.0],
        }
    )
    file = parquet(bank, "fx_rates", table)
    bank.control(file, rows=6)
    result = bank.load("fx_rates")
    assert (result.lines, result.loaded, result.rejected) == (6, 2, 4)
    assert bank.rows("raw", "fx_rates", "currency, source_line") == [("GBP", 5), ("USD", 2)]
    assert bank.rejects("fx_rates") == [
        ("fx_rates.parquet", 3, "currency", "currency: 'usd' does not match ^[A-Z]{3}$"),
        ("fx_rates.parquet", 4, "mid_rate", "mid_rate: required, but empty"),
        ("fx_rates.parquet", 6, "mid_rate", "mid_rate: '0.30000000000000004' is not a decimal(18,8)"),
        ("fx_rates.parquet", 7, None, "the line holds a NUL byte"),
    ]
    assert bank.rows("rejects", "fx_rates", "raw_text", "line")[:2] == ["usd,7", "EUR,"]


def test_parquet_columns_of_their_own_type(bank: Bank) -> None:
    customers = {
        "customer_id": ["C1"],
        "customer_type": pa.array(["individual"]).dictionary_encode(),
        "opened_on": [date(2020, 1, 1)],
        "is_vip_elsewhere": [True],
    }
    parquet(bank, "customers", pa.table({**customers, "closed_on": [["a"]]}))
    bank.load("customers")
    assert bank.rejects("customers") == [
        ("customers.parquet", 2, "closed_on", "closed_on: a value of type list has no place in a column")
    ]
    parquet(bank, "customers", pa.table(customers), NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    assert bank.rows("raw", "customers", "opened_on, is_vip_elsewhere") == [(date(2020, 1, 1), True)]
    transactions = {
        "transaction_id": ["T1"],
        "customer_id": ["C1"],
        "occurred_at": [datetime(2025, 3, 31, 9, 30, 0, 250000)],
        "amount": pa.array([Decimal("1.5")], pa.decimal128(9, 3)),
        "transaction_type": ["deposit"],
    }
    parquet(bank, "transactions", pa.table(transactions), NEXT_DAY)
    bank.load("transactions", NEXT_DAY)
    assert bank.rows("raw", "transactions", "occurred_at::varchar, amount::varchar") == [
        ("2025-03-31 09:30:00.25", "1.50")
    ]


# References and duplicates --------------------------------------------------------------------------


def test_a_reference_must_be_known_by_the_business_date(bank: Bank) -> None:
    later = date(2025, 4, 2)
    bank.deliver("customers", [*CUSTOMERS])
    bank.deliver("customers", [CUSTOMERS[0], "C9,individual,2025-04-01,新"], later)
    bank.load("customers", DAY, later)
    rows = [TRANSACTIONS[0], "T9,C9,2025-03-31 09:00:00,1.00,deposit,,"]
    for day in (DAY, NEXT_DAY, later):
        bank.deliver("transactions", rows, day)
    bank.load("transactions", DAY, NEXT_DAY, later)
    assert bank.rows("raw", "transactions", "business_date") == [later]
    assert [reject[2:] for reject in bank.rejects("transactions")] == [
        ("customer_id", "customer_id: 'C9' is not a known customers.customer_id")
    ] * 2


def test_references_are_not_judged_before_the_parent_was_ever_delivered(bank: Bank) -> None:
    bank.deliver("transactions", TRANSACTIONS)
    assert bank.load("transactions").rejected == 0
    bank.deliver("customers", [CUSTOMERS[0], "C7,individual,2020-01-01,某"], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    bank.deliver("transactions", [*TRANSACTIONS[:1], "T8,C1,2025-03-31 09:00:00,1.00,deposit,,"], NEXT_DAY)
    bank.deliver("transactions", TRANSACTIONS[:2])
    assert bank.load("transactions", DAY, NEXT_DAY).rejected == 1


def test_an_empty_reference_is_no_reference(bank: Bank) -> None:
    bank.deliver("accounts", ["account_id,customer_id,product_id,opened_on", "A1,C1,P1,2020-01-01"])
    bank.load("accounts")
    rows = ["transaction_id,customer_id,occurred_at,amount,transaction_type,account_id"]
    bank.deliver(
        "transactions", [*rows, "T1,C1,2025-03-31 09:00:00,1,fee,", "T2,C1,2025-03-31 09:00:00,1,fee,A2"]
    )
    bank.load("transactions")
    assert bank.rows("raw", "transactions", "transaction_id") == ["T1"]
    assert bank.rejects("transactions") == [
        ("transactions.csv", 3, "account_id", "account_id: 'A2' is not a known accounts.account_id")
    ]


def test_a_rejected_parent_row_is_not_known(bank: Bank) -> None:
    bank.deliver("customers", [*CUSTOMERS, "C3,individual,2020-13-01,某"])
    bank.load("customers")
    bank.deliver("transactions", [*TRANSACTIONS, "T4,C3,2025-03-31 09:00:00,1.00,deposit,,"])
    bank.load("transactions")
    assert [reject[1] for reject in bank.rejects("transactions")] == [5]


def test_the_last_valid_version_of_a_key_holds(bank: Bank) -> None:
    bank.deliver(
        "fx_rates",
        ["currency,mid_rate", "USD,7.25", "USD,7.26", "EUR,7.81", "USD,7.27", "USD,bad"],
        name="a.csv",
    )
    bank.deliver("fx_rates", ["currency,mid_rate", "EUR,7.82", "GBP,9.1"], name="b.csv")
    bank.load("fx_rates")
    assert bank.rows("raw", "fx_rates", "currency, mid_rate::varchar") == [
        ("EUR", "7.82000000"),
        ("GBP", "9.10000000"),
        ("USD", "7.27000000"),
    ]
    assert bank.rejects("fx_rates") == [
        ("a.csv", 2, "currency", "currency: superseded by a.csv line 5"),
        ("a.csv", 3, "currency", "currency: superseded by a.csv line 5"),
        ("a.csv", 4, "currency", "currency: superseded by b.csv line 2"),
        ("a.csv", 6, "mid_rate", "mid_rate: 'bad' is not a decimal(18,8)"),
    ]


def test_of_lines_that_say_the_same_the_first_of_the_last_state_is_loaded(bank: Bank) -> None:
    rates = ["USD,7.25", "USD,7.250", "EUR,7.81", "EUR,7.82", "EUR,7.81", "EUR,7.81"]
    bank.deliver("fx_rates", ["currency,mid_rate", *rates])
    bank.load("fx_rates")
    assert bank.rows("raw", "fx_rates", "currency, source_line") == [("EUR", 6), ("USD", 2)]
    assert [(line, reason) for _, line, _, reason in bank.rejects("fx_rates")] == [
        (3, "currency: duplicate of fx_rates.csv line 2"),
        (4, "currency: duplicate of fx_rates.csv line 6"),
        (5, "currency: superseded by fx_rates.csv line 6"),
        (7, "currency: duplicate of fx_rates.csv line 6"),
    ]


def test_a_snapshot_that_contradicts_itself_keeps_the_first_row_and_names_the_columns(bank: Bank) -> None:
    bank.deliver(
        "branches", ["branch_id,branch_name,city", "B1,一,杭州", "B1,二,", "B1,一,杭州", "B2,三,杭州"]
    )
    bank.load("branches")
    assert bank.rows("raw", "branches", "branch_name") == ["一", "三"]
    assert [(line, reason) for _, line, _, reason in bank.rejects("branches")] == [
        (3, "branch_id: conflicts with branches.csv line 2, which has another branch_name, city"),
        (4, "branch_id: duplicate of branches.csv line 2"),
    ]


def test_the_same_key_on_another_day_is_a_new_version(bank: Bank) -> None:
    bank.deliver("fx_rates", FX)
    bank.deliver("fx_rates", FX, NEXT_DAY)
    assert bank.load("fx_rates", DAY, NEXT_DAY).loaded == 4


def test_a_key_of_two_columns_is_repeated_only_as_a_whole(bank: Bank) -> None:
    rows = ["M1,C1,treatment,2025-03-01", "M1,C2,holdout,2025-03-01", "M2,C1,holdout,2025-03-01"]
    bank.deliver("campaign_members", ["campaign_id,customer_id,arm,assigned_on", *rows, rows[0]])
    bank.load("campaign_members")
    assert bank.rejects("campaign_members") == [
        (
            "campaign_members.csv",
            5,
            "campaign_id, customer_id",
            "campaign_id, customer_id: duplicate of campaign_members.csv line 2",
        )
    ]


# Re-deliveries and refusals -------------------------------------------------------------------------


def test_an_unchanged_delivery_is_not_rewritten(bank: Bank) -> None:
    file = bank.deliver("fx_rates", FX)
    bank.load("fx_rates")
    before = {path.stat().st_ino: path.stat().st_mtime_ns for path in bank.settings.lake.rglob("*.parquet")}
    os.utime(file)
    result = bank.load("fx_rates")
    assert (result.unchanged, result.audits) == ((DAY,), ())
    assert {
        path.stat().st_ino: path.stat().st_mtime_ns for path in bank.settings.lake.rglob("*.parquet")
    } == before


def test_the_content_of_a_touched_delivery_is_read_once(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bank.deliver("fx_rates", FX)
    bank.load("fx_rates")
    os.utime(file)
    bank.load("fx_rates")
    monkeypatch.setattr(landing, "file_sha256", lambda file: pytest.fail("contents were read again"))
    assert bank.load("fx_rates").unchanged == (DAY,)


def test_a_redelivery_replaces_its_day_and_nothing_is_lost(bank: Bank) -> None:
    bank.deliver("fx_rates", [*FX, "USD,7.30"])
    bank.deliver("fx_rates", FX, NEXT_DAY)
    bank.load("fx_rates", DAY, NEXT_DAY)
    version = lake.committed(bank.settings, "fx_rates")[DAY].version
    first = {kind: bank.files(kind) for kind in ("raw", "rejects", "audit")}
    bank.deliver("fx_rates", ["currency,mid_rate", "USD,8"])
    bank.load("fx_rates", DAY, NEXT_DAY)
    assert bank.rows("raw", "fx_rates", "currency, mid_rate::varchar, business_date") == [
        ("EUR", "7.81000000", NEXT_DAY),
        ("USD", "7.26000000", NEXT_DAY),
        ("USD", "8.00000000", DAY),
    ]
    assert bank.rejects("fx_rates") == []
    aside = bank.files(f"superseded/fx_rates/business_date={DAY}/{version}")
    for kind, files in first.items():
        kept = {name: content for name, content in files.items() if str(DAY) in name}
        assert [aside[f"{kind}/{Path(name).name}"] for name in kept] == list(kept.values())


def test_a_delivery_may_go_back_to_an_earlier_version(bank: Bank) -> None:
    for content in (FX, FX[:2], FX, FX[:2]):
        bank.deliver("fx_rates", content)
        assert bank.load("fx_rates").loaded == len(content) - 1
    assert len(bank.rows("raw", "fx_rates")) == 1
    assert len(list((bank.settings.lake / "superseded" / "fx_rates" / f"business_date={DAY}").iterdir())) == 2


def test_a_refusal_keeps_what_was_loaded_and_the_other_days_go_on(bank: Bank) -> None:
    bank.deliver("fx_rates", FX)
    bank.load("fx_rates")
    before = bank.files("raw")
    bank.deliver("fx_rates", ["currency", "USD"])
    bank.deliver("fx_rates", FX, NEXT_DAY)
    result = bank.load("fx_rates", DAY, NEXT_DAY)
    assert result.dates == (NEXT_DAY,)
    assert [(item.business_date, item.file, item.column_name) for item in result.refused] == [
        (DAY, "fx_rates.csv", "mid_rate")
    ]
    assert before.items() <= bank.files("raw").items()
    assert bank.rows("refusals", "fx_rates", "entity, business_date, file, column_name, reason") == [
        (
            "fx_rates",
            DAY,
            "fx_rates.csv",
            "mid_rate",
            "required column mid_rate is missing; the header has currency",
        )
    ]


@pytest.mark.parametrize("when", ["before it is opened", "while it is read"])
def test_a_file_that_vanishes_is_refused_alone(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    file = bank.deliver("fx_rates", FX)
    bank.deliver("fx_rates", FX, NEXT_DAY)
    module, name = (rounds, "inspected") if when == "before it is opened" else (batches, "feed")
    original = getattr(module, name)

    def vanish(*arguments: object) -> object:
        file.unlink(missing_ok=True)
        return original(*arguments)

    monkeypatch.setattr(module, name, vanish)
    result = bank.load("fx_rates", DAY, NEXT_DAY)
    assert [(item.business_date, item.file) for item in result.refused] == [(DAY, "fx_rates.csv")]
    assert "cannot be read" in result.refused[0].reason
    assert result.dates == (NEXT_DAY,)


@pytest.mark.parametrize("remedy", ["corrected", "restored", "withdrawn"])
def test_a_refusal_is_closed_when_it_is_put_right(bank: Bank, remedy: str) -> None:
    bank.deliver("fx_rates", FX)
    bank.load("fx_rates")
    file = bank.deliver("fx_rates", ["currency", "USD"])
    assert bank.load("fx_rates").refused
    if remedy == "withdrawn":
        shutil.rmtree(file.parent)
    else:
        bank.deliver("fx_rates", FX if remedy == "restored" else FX[:2])
    assert not bank.load("fx_rates").refused
    assert bank.rows("refusals", "fx_rates") == []
    assert bank.files(f"superseded/fx_rates/business_date={DAY}")
    assert len(bank.rows("raw", "fx_rates")) == (1 if remedy == "corrected" else 2)


# Order, memory, survival ----------------------------------------------------------------------------


def many_days(bank: Bank, days: int, rows: int) -> list[date]:
    dates = [DAY + timedelta(days=number) for number in range(days)]
    for number, day in enumerate(dates):
        lines_of_day = [
            f"{letter}{number % 7}{row:05},C1,2025-03-31 09:00:00,{row}.5,fee"
            for letter in "TU"
            for row in range(rows)
        ]
        header = "transaction_id,customer_id,occurred_at,amount,transaction_type"
        half = len(lines_of_day) // 2
        bank.deliver("transactions", [header, *lines_of_day[:half]], day, "b.csv")
        bank.deliver("transactions", [header, *lines_of_day[half:], "x"], day, "a.csv")
    return dates


def test_the_same_deliveries_give_the_same_partitions_in_the_order_of_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_SHARD_ROWS", 1000)
    monkeypatch.setattr(streams.stream, "__defaults__", (4096,))
    outcomes = []
    for home, batch_bytes in ((tmp_path / "one", 1 << 30), (tmp_path / "two", 30_000)):
        monkeypatch.setattr(batches, "BATCH_BYTES", batch_bytes)
        bank = Bank(home)
        dates = many_days(bank, 5, 200)
        big = DAY + timedelta(days=30)
        bank.deliver(
            "transactions", (bank.settings.landing / "transactions" / str(DAY) / "b.csv").read_bytes(), big
        )
        bank.load("transactions", *dates, big)
        outcomes.append({kind: bank.tables(kind, "transactions") for kind in ("raw", "rejects")})
        for file in (bank.settings.lake / "raw" / "transactions").rglob("*.parquet"):
            places = pq.read_table(file, columns=["source_file", "source_line"]).to_pylist()
            assert places == sorted(places, key=lambda place: (place["source_file"], place["source_line"]))
    assert outcomes[0] == outcomes[1]


def test_one_day_at_a_time_gives_what_all_days_at_once_give(tmp_path: Path) -> None:
    together, apart = Bank(tmp_path / "together"), Bank(tmp_path / "apart")
    dates = many_days(together, 4, 30)
    many_days(apart, 4, 30)
    together.load("transactions", *dates)
    for day in dates:
        apart.load("transactions", day)
    for kind in ("raw", "rejects"):
        assert together.tables(kind, "transactions") == apart.tables(kind, "transactions")


def test_lines_that_get_lost_are_an_error(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines.Block, "lines", property(lambda block: len(block.numbers) + 1))
    bank.deliver("fx_rates", FX)
    with pytest.raises(parcels.LoadError, match="3 lines, but 2 loaded and 0 rejected"):
        bank.load("fx_rates")
    assert bank.rows("raw", "fx_rates") == []


MOVES = 8
"""So many folders move when a date is replaced: four make way, four take their place."""


class Killed(BaseException):
    """Stands for the end of the process."""


def killed_after(moves: int) -> Callable[[Path, Path], None]:
    left = moves
    original = lake.move

    def move(source: Path, target: Path) -> None:
        nonlocal left
        if left == 0:
            raise Killed
        left -= 1
        original(source, target)

    return move


@pytest.mark.parametrize("moves", range(10))
@pytest.mark.parametrize("then", ["same", "back", "third"])
def test_a_load_killed_between_any_two_moves_converges(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, moves: int, then: str
) -> None:
    versions = {"back": [*FX, "USD,7.30"], "same": ["currency,mid_rate", "USD,8", "x"], "third": FX[:2]}
    bank.deliver("fx_rates", versions["back"])
    bank.load("fx_rates")
    old = lake.committed(bank.settings, "fx_rates")[DAY].version
    bank.deliver("fx_rates", versions["same"])
    with monkeypatch.context() as patch:
        patch.setattr(replacing, "move", killed_after(moves))
        with pytest.raises(Killed) if moves < MOVES else nullcontext():
            bank.load("fx_rates")
    bank.deliver("fx_rates", versions[then])
    bank.load("fx_rates")
    clean = Bank(bank.settings.home / "clean")
    clean.deliver("fx_rates", versions[then])
    clean.load("fx_rates")
    for kind in ("raw", "rejects", "audit"):
        columns = "* exclude (delivery_signature, lake_sha256)" if kind == "audit" else "*"
        assert bank.rows(kind, "fx_rates", columns) == clean.rows(kind, "fx_rates", columns)
    if then != "back":
        aside = bank.files(f"superseded/fx_rates/business_date={DAY}/{old}")
        assert {Path(name).parts[0] for name in aside} == {"raw", "rejects", "waiting", "audit"}


def test_what_a_killed_run_prepared_does_not_stay(bank: Bank) -> None:
    left = bank.settings.lake / lake.INCOMING / "fx_rates" / "raw" / "business_date=2025-03-31"
    left.mkdir(parents=True)
    (left / "rows.parquet").write_text("unfinished")
    bank.deliver("fx_rates", FX)
    assert bank.load("fx_rates").loaded == 2
    assert not left.exists()
