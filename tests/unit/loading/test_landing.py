"""What lies in landing is found by name, and what is already loaded is recognised."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration import archive
from orchestration.loading import landing
from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank, contracts


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


def found(bank: Bank, entity: str = "customers") -> list[date]:
    return [item.business_date for item in landing.deliveries(bank.settings, contracts()[entity])]


def test_deliveries_come_oldest_first_with_their_files(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS, NEXT_DAY)
    bank.deliver("customers", CUSTOMERS, DAY, "b.csv", control=True)
    bank.deliver("customers", CUSTOMERS, DAY, "a.csv.gz")
    first, second = landing.deliveries(bank.settings, contracts()["customers"])
    assert (first.business_date, first.files, first.controls) == (DAY, ("a.csv.gz", "b.csv"), ("b.csv.ctl",))
    assert (second.business_date, second.files) == (NEXT_DAY, ("customers.csv",))


def test_nothing_delivered_is_no_delivery(bank: Bank) -> None:
    assert found(bank) == []
    (bank.settings.landing / "customers" / str(DAY)).mkdir(parents=True)
    assert found(bank) == []


def test_names_of_others_are_not_looked_at(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS, name=".customers.csv.swp")
    bank.deliver("customers", CUSTOMERS, name="_SUCCESS")
    (bank.settings.landing / "_truth").mkdir()
    assert found(bank) == []
    assert landing.problems(bank.settings.landing, contracts()) == []


@pytest.mark.parametrize(
    "name", ["2025-02-29", "20250331", "2025-3-31", "today", "9999-12-31", "2025-03-31 "]
)
def test_a_folder_that_is_no_business_date_is_named(bank: Bank, name: str) -> None:
    folder = bank.settings.landing / "customers" / name
    folder.mkdir(parents=True)
    (folder / "customers.csv").write_text("customer_id\n")
    assert found(bank) == []
    assert landing.problems(bank.settings.landing, contracts()) == [
        f"{folder}: not a delivery folder; valid: a business date as YYYY-MM-DD"
    ]


def test_misplaced_names_are_listed_with_what_is_valid(bank: Bank) -> None:
    top = bank.settings.landing
    (top / "customer").mkdir(parents=True)
    (top / "transactions").mkdir()
    (top / "transactions" / "today.csv").write_text("")
    (top / "balances" / str(DAY) / "part1").mkdir(parents=True)
    unknown_entity, inner_folder, loose_file = sorted(
        landing.problems(top, contracts()), key=len, reverse=True
    )[:3]
    assert unknown_entity.startswith(f"{top / 'customer'}: not an entity folder; valid: accounts, balances")
    assert inner_folder.startswith(f"{top / 'balances' / str(DAY) / 'part1'}: a folder inside a delivery")
    assert loose_file.startswith(f"{top / 'transactions' / 'today.csv'}: not a delivery folder")


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda file: file.symlink_to("nowhere.csv"), "a link that leads nowhere"),
        (os.mkfifo, "something that is no file"),
        (lambda file: os.close(os.open(os.fsencode(file) + b"\xff", os.O_CREAT)), "a name that is not text"),
        (lambda file: (file.parent / "a\nb.csv").touch(), "a name that is not text"),
    ],
)
def test_what_is_no_file_with_a_name_is_named(bank: Bank, make: Callable[[Path], object], what: str) -> None:
    bank.deliver("customers", CUSTOMERS)
    make(bank.settings.landing / "customers" / str(DAY) / "b.csv")
    (problem,) = landing.problems(bank.settings.landing, contracts())
    assert f"{what} inside a delivery" in problem
    assert problem.isprintable()
    assert bank.load("customers").loaded >= 0


def test_a_missing_landing_folder_says_where_deliveries_belong(bank: Bank) -> None:
    (problem,) = landing.problems(bank.settings.landing, contracts())
    assert problem.endswith("landing/<entity>/<YYYY-MM-DD>/")


def pending(bank: Bank) -> dict[str, list[date]]:
    return {
        entity: [item.business_date for item in items]
        for entity, items in landing.pending(bank.settings, contracts()).items()
    }


def test_what_was_never_loaded_is_pending_parents_first(bank: Bank) -> None:
    bank.deliver("transactions", TRANSACTIONS)
    bank.deliver("customers", CUSTOMERS)
    assert pending(bank) == {"customers": [DAY], "transactions": [DAY]}
    assert list(pending(bank)) == ["customers", "transactions"]


def test_what_was_loaded_is_not_pending(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.deliver("customers", CUSTOMERS, control=True)
    bank.load("customers")
    monkeypatch.setattr(landing, "file_sha256", lambda file: pytest.fail("contents were read"))
    assert pending(bank) == {}


def test_a_touched_file_is_not_pending_but_a_changed_one_is(bank: Bank) -> None:
    file = bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    os.utime(file, ns=(1, 1))
    assert pending(bank) == {}
    bank.deliver("customers", [*CUSTOMERS, "C3,individual,2020-01-01,"])
    assert pending(bank) == {"customers": [DAY]}


def test_a_control_file_that_arrives_later_is_pending(bank: Bank) -> None:
    file = bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.control(file, rows=2)
    assert pending(bank) == {"customers": [DAY]}


def test_a_refused_delivery_stays_pending_until_it_is_put_right(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.deliver("customers", ["customer_id"])
    bank.load("customers")
    assert pending(bank) == {"customers": [DAY]}
    bank.deliver("customers", CUSTOMERS)
    assert pending(bank) == {"customers": [DAY]}
    assert bank.load("customers").unchanged == (DAY,)
    assert pending(bank) == {}


# Changed, growing, removed, archived ----------------------------------------------------------------


def test_other_content_of_the_same_size_and_time_is_pending(bank: Bank) -> None:
    file = bank.deliver("customers", CUSTOMERS)
    before = file.stat()
    bank.load("customers")
    file.write_bytes(file.read_bytes().replace(b"individual,2020-01-01", b"individual,2020-01-02"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert pending(bank) == {"customers": [DAY]}


def test_a_file_that_was_just_written_is_growing_until_it_is_left_alone(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    (delivery,) = landing.deliveries(bank.settings, contracts()["customers"])
    assert landing.is_growing(delivery, settling_seconds=60)
    assert not landing.is_growing(delivery, settling_seconds=0)


def test_a_file_with_a_control_file_says_itself_that_it_is_whole(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS, control=True)
    (delivery,) = landing.deliveries(bank.settings, contracts()["customers"])
    assert not landing.is_growing(delivery, settling_seconds=60)
    bank.deliver("customers", CUSTOMERS, name="more.csv")
    (delivery,) = landing.deliveries(bank.settings, contracts()["customers"])
    assert landing.is_growing(delivery, settling_seconds=60)


def test_a_refresh_waits_until_nobody_writes_any_more(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "settling_seconds", lambda on: 1)
    bank.deliver("customers", CUSTOMERS)
    said: list[str] = []
    assert landing.await_settled(bank.settings, contracts(), said.append) == []
    assert said == ["waiting: 1 deliveries were written to in the last 1 seconds"]


def test_a_refresh_goes_on_without_what_is_written_for_ever(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "settling_seconds", lambda on: 1)
    file = bank.deliver("customers", CUSTOMERS)
    monkeypatch.setattr("time.sleep", lambda seconds: file.write_bytes(file.read_bytes() + b"\n"))
    assert landing.await_settled(bank.settings, contracts(), print) == [file.parent]


def test_what_is_archived_is_still_delivered(bank: Bank) -> None:
    for day in (DAY, NEXT_DAY):
        bank.deliver("customers", CUSTOMERS, day)
    bank.load("customers")
    assert archive.archive(bank.settings, NEXT_DAY) == (1, 0)
    assert not (bank.settings.landing / "customers" / str(DAY)).exists()
    assert found(bank) == [DAY, NEXT_DAY]
    assert pending(bank) == {"customers": [NEXT_DAY]}
    assert landing.removed(bank.settings, contracts()) == []


def test_what_is_not_loaded_is_not_archived(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    assert archive.archive(bank.settings, NEXT_DAY) == (0, 1)
    assert found(bank) == [DAY]


def test_what_comes_again_after_it_was_archived_counts(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    archive.archive(bank.settings, NEXT_DAY)
    bank.deliver("customers", CUSTOMERS[:2])
    assert pending(bank) == {"customers": [DAY]}
    bank.load("customers")
    assert bank.rows("raw", "customers", "customer_id") == ["C1"]
    assert archive.archive(bank.settings, NEXT_DAY) == (1, 0)
    assert pending(bank) == {}


def test_a_delivery_that_was_taken_away_is_named(bank: Bank) -> None:
    file = bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    shutil.rmtree(file.parent)
    assert landing.removed(bank.settings, contracts()) == [file.parent]
