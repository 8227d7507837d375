"""What lies in landing is found by name, and what is already loaded is recognised."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from orchestration.lib import landing
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
