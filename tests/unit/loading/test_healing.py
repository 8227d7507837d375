"""What arrives late heals what waited for it; what an event told once counts once."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration import lake
from orchestration.loading import landing
from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank, contracts

LATER = date(2025, 4, 2)
HEADER = TRANSACTIONS[0]
LATE = "T9,C9,2025-03-31 09:00:00,5.00,deposit,,"
C9 = "C9,individual,2025-03-31,新"
WAITS = (
    "transactions.csv",
    5,
    "customer_id",
    "customer_id: 'C9' is not a known customers.customer_id",
)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A bank that delivered a transaction of somebody it does not know."""
    bank = Bank(tmp_path)
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.deliver("transactions", [*TRANSACTIONS, LATE])
    bank.load("transactions")
    assert bank.rejects("transactions") == [WAITS]
    return bank


def places(bank: Bank, transaction: str = "T9") -> list[tuple[date, str, int]]:
    rows = bank.rows("raw", "transactions", "transaction_id, business_date, source_file, source_line")
    return [tuple(row[1:]) for row in rows if row[0] == transaction]


def test_a_row_is_accepted_on_the_day_on_which_its_parent_comes(bank: Bank) -> None:
    bank.deliver("customers", [CUSTOMERS[0], C9], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    result = bank.load("transactions")
    assert result.healed == 1
    assert places(bank) == [(NEXT_DAY, f"{DAY}/transactions.csv", 5)]
    assert bank.rejects("transactions") == [WAITS], "the day it was delivered rejected it, and says so"
    assert bank.rows("audit", "transactions", "business_date, file, lines, loaded, rejected, status") == [
        (DAY, "transactions.csv", 4, 3, 1, "loaded"),
        (NEXT_DAY, f"{DAY}/transactions.csv", 1, 1, 0, "healed"),
    ]
    assert bank.load("transactions").healed == 0


def test_a_healed_row_still_says_which_columns_its_file_did_not_have(bank: Bank) -> None:
    bank.deliver("products", ["product_id,product_family,product_name", "P1,deposit,活期"])
    bank.load("products")
    bank.deliver(
        "accounts", ["account_id,customer_id,product_id,opened_on,currency", "A9,C9,P1,2025-03-31,USD"]
    )
    bank.load("accounts")
    bank.deliver("customers", [CUSTOMERS[0], C9], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    assert bank.load("accounts").healed == 1
    found = bank.rows("raw", "accounts", "business_date, absent_columns")
    assert found == [(NEXT_DAY, "account_number,closed_on")]


def test_a_healed_row_lies_beside_those_of_the_day(bank: Bank) -> None:
    bank.deliver("customers", [CUSTOMERS[0], C9], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    bank.deliver("transactions", [HEADER, "T10,C1,2025-04-01 09:00:00,1.00,fee,,"], NEXT_DAY)
    bank.load("transactions", NEXT_DAY)
    assert len(places(bank)) == len(places(bank, "T10")) == 1
    bank.deliver("transactions", [HEADER, "T11,C1,2025-04-01 09:00:00,1.00,fee,,"], NEXT_DAY)
    bank.load("transactions", NEXT_DAY)
    assert (len(places(bank)), len(places(bank, "T10")), len(places(bank, "T11"))) == (1, 0, 1)


def test_customers_delivered_again_with_the_forgotten_one_heal_the_day_itself(bank: Bank) -> None:
    bank.deliver("customers", [*CUSTOMERS, C9])
    bank.load("customers")
    result = bank.load("transactions")
    assert (result.dates, bank.rejects("transactions")) == ((DAY,), [])
    assert places(bank) == [(DAY, "transactions.csv", 5)]


def test_customers_delivered_again_without_one_take_the_row_back(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS[:2])
    bank.load("customers")
    bank.load("transactions")
    assert [reject[1] for reject in bank.rejects("transactions")] == [4, 5]
    assert bank.rows("raw", "transactions", "transaction_id") == ["T1", "T2"]
    bank.deliver("customers", CUSTOMERS)
    bank.load("customers")
    bank.load("transactions")
    assert bank.rows("raw", "transactions", "transaction_id") == ["T1", "T2", "T3"]


def test_a_healed_row_is_taken_back_with_its_parent(bank: Bank) -> None:
    bank.deliver("customers", [CUSTOMERS[0], C9], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    bank.load("transactions")
    bank.deliver("customers", CUSTOMERS[:1], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    bank.load("transactions")
    assert places(bank) == []
    assert NEXT_DAY not in lake.committed(bank.settings, "transactions")


def test_healing_goes_on_from_parent_to_child(bank: Bank) -> None:
    bank.deliver("products", ["product_id,product_family,product_name", "P1,deposit,活期"])
    bank.load("products")
    bank.deliver(
        "accounts",
        ["account_id,customer_id,product_id,opened_on", "A1,C1,P1,2025-03-31", "A9,C9,P1,2025-03-31"],
    )
    bank.load("accounts")
    bank.deliver("balances", ["account_id,balance_amount", "A1,5.00", "A9,7.00"])
    bank.load("balances")
    assert bank.rows("raw", "balances", "account_id, business_date") == [("A1", DAY)]
    bank.deliver("customers", [CUSTOMERS[0], C9], LATER)
    for entity in ("customers", "accounts", "balances"):
        bank.load(entity, LATER)
    assert bank.rows("raw", "accounts", "account_id, business_date") == [("A1", DAY), ("A9", LATER)]
    assert bank.rows("raw", "balances", "account_id, business_date") == [("A1", DAY), ("A9", LATER)]


def test_an_older_version_is_not_accepted_after_a_newer_one(bank: Bank) -> None:
    header = "account_id,customer_id,product_id,opened_on"
    bank.deliver("products", ["product_id,product_family,product_name", "P1,deposit,活期"])
    bank.load("products")
    bank.deliver("accounts", [header, "A1,C9,P1,2025-03-31"])
    bank.deliver("accounts", [header, "A1,C1,P1,2025-03-31"], NEXT_DAY)
    bank.load("accounts", DAY, NEXT_DAY)
    bank.deliver("customers", [CUSTOMERS[0], C9], LATER)
    bank.load("customers", LATER)
    assert bank.load("accounts", LATER).healed == 0
    assert bank.rows("raw", "accounts", "customer_id, business_date") == [("C1", NEXT_DAY)]


def test_the_later_copy_of_an_event_is_rejected_with_the_place_of_the_first(bank: Bank) -> None:
    bank.deliver("transactions", [HEADER, TRANSACTIONS[1]], NEXT_DAY, "b.csv")
    bank.load("transactions", NEXT_DAY)
    assert bank.rejects("transactions")[0] == (
        "b.csv",
        2,
        "transaction_id",
        f"transaction_id: delivered before, {DAY}/transactions.csv line 2",
    )
    assert len(places(bank, "T1")) == 1


def test_a_changed_copy_of_an_event_is_a_conflict(bank: Bank) -> None:
    bank.deliver("transactions", [HEADER, TRANSACTIONS[1].replace("12.30", "12.31")], NEXT_DAY)
    bank.load("transactions", NEXT_DAY)
    assert bank.rejects("transactions")[0][3] == (
        f"transaction_id: conflicts with {DAY}/transactions.csv line 2, which has another amount"
    )


def test_the_first_day_counts_also_when_it_comes_last(bank: Bank) -> None:
    earlier = date(2025, 3, 30)
    bank.deliver("customers", CUSTOMERS, earlier)
    bank.load("customers", earlier)
    bank.deliver("transactions", [HEADER, "T1,C1,2025-03-30 09:00:00,12.30,deposit,CNY,app"], earlier)
    bank.load("transactions", earlier)
    assert places(bank, "T1") == [(earlier, "transactions.csv", 2)]
    bank.deliver("transactions", [HEADER], earlier)
    bank.load("transactions", earlier)
    assert places(bank, "T1") == [(DAY, "transactions.csv", 2)], "nobody told of it before any more"


def test_a_version_may_come_again(bank: Bank) -> None:
    bank.deliver("customers", CUSTOMERS, NEXT_DAY)
    assert bank.load("customers", NEXT_DAY).rejected == 0


def test_a_full_snapshot_is_judged_by_all_that_is_known(bank: Bank) -> None:
    bank.deliver("branches", ["branch_id,branch_name", "B1,一"])
    bank.load("branches")
    bank.deliver("employees", ["employee_id,branch_id,job_level", "E1,B2,teller"])
    bank.load("employees")
    assert bank.rows("raw", "employees", "employee_id") == []
    bank.deliver("branches", ["branch_id,branch_name", "B2,二"], NEXT_DAY)
    bank.load("branches", NEXT_DAY)
    bank.load("employees")
    assert bank.rows("raw", "employees", "employee_id, business_date") == [("E1", DAY)]


def test_a_day_whose_delivery_is_gone_stays_as_it_is_and_is_named(bank: Bank) -> None:
    shutil.rmtree(bank.settings.landing / "transactions")
    bank.deliver("customers", [*CUSTOMERS, C9])
    bank.load("customers")
    assert bank.load("transactions").stuck == (DAY,)
    assert bank.rejects("transactions") == [WAITS]
    assert landing.removed(bank.settings, contracts()) == [bank.settings.landing / "transactions" / str(DAY)]


def test_an_archived_delivery_is_judged_again_too(bank: Bank) -> None:
    (bank.settings.home / "archive").mkdir()
    (bank.settings.landing / "transactions").rename(bank.settings.archive / "transactions")
    bank.deliver("customers", [*CUSTOMERS, C9])
    bank.load("customers")
    assert bank.load("transactions").stuck == ()
    assert places(bank) == [(DAY, "transactions.csv", 5)]
    assert landing.removed(bank.settings, contracts()) == []


def test_nothing_is_judged_again_when_nothing_has_changed(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "orchestration.loading.judging.verdicts.misjudged", lambda *_: pytest.fail("judged again")
    )
    assert bank.load("transactions").audits == ()


@pytest.mark.parametrize("harm", ["cut off", "of other partitions", "gone"])
def test_known_keys_that_cannot_be_used_are_read_again(bank: Bank, harm: str) -> None:
    (file,) = (bank.settings.lake / "_keys" / "customers.customer_id").iterdir()
    match harm:
        case "cut off":
            file.write_bytes(file.read_bytes()[:-20])
        case "gone":
            file.unlink()
        case _:
            pq.write_table(pa.table({"key": ["C9"], "since": [DAY]}), file)
    bank.deliver("transactions", [HEADER, "T20,C2,2025-03-31 09:00:00,1.00,fee,,", LATE])
    bank.load("transactions")
    assert bank.rows("raw", "transactions", "transaction_id") == ["T20"]


def test_known_keys_of_a_load_that_was_killed_do_not_stay(bank: Bank) -> None:
    (file,) = (bank.settings.lake / "_keys" / "customers.customer_id").iterdir()
    shutil.copy(file, file.with_name("of-the-day-before.parquet"))
    bank.deliver("transactions", [HEADER, LATE])
    bank.load("transactions")
    assert list(file.parent.iterdir()) == [file]
