"""Reversals from the delivery to the public tables: what they take back, and what is told of the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import load_order
from tests.building import Warehouse
from tests.deliveries import Bank, contracts

FIRST, SECOND = date(2025, 3, 28), date(2025, 3, 31)
CUSTOMERS = [
    "customer_id,customer_type,opened_on",
    *(f"C{number},individual,2020-01-01" for number in range(1, 7)),
]
HEADER = "transaction_id,customer_id,occurred_at,amount,transaction_type,reversal_of"
DONE = [
    HEADER,
    "T1,C1,2025-03-28 09:00:00,100.00,deposit,",
    "T2,C2,2025-03-28 09:00:00,20.00,deposit,",
    "T3,C3,2025-03-28 09:00:00,100.00,deposit,",
    "T4,C4,2025-03-28 09:00:00,100.00,deposit,",
    "T5,C5,2025-03-28 09:00:00,100.00,deposit,",
    "T6,C6,2025-03-28 09:00:00,30.00,refund,",
]
TAKEN_BACK = [
    HEADER,
    "R1,C2,2025-03-31 09:00:00,100.00,reversal,T1",
    "R2,C3,2025-03-31 09:00:00,100.01,reversal,T3",
    "R3,C4,2025-03-31 09:00:00,100.00,reversal,T4",
    "R4,C4,2025-03-31 10:00:00,100.00,reversal,T4",
    "R5,C5,2025-03-31 09:00:00,60.00,reversal,T5",
    "R6,C5,2025-03-31 10:00:00,40.01,reversal,T5",
    "R7,C5,2025-03-31 11:00:00,15.00,reversal,T5",
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of two days of six customers."""
    home = tmp_path_factory.mktemp("reversals")
    bank = Bank(home)
    bank.deliver("customers", CUSTOMERS, FIRST)
    bank.deliver("customers", CUSTOMERS[:1], SECOND)
    bank.deliver("transactions", DONE, FIRST)
    bank.deliver("transactions", TAKEN_BACK, SECOND)
    for entity in load_order(contracts()):
        bank.load(entity, FIRST, SECOND)
    built = Warehouse(bank.settings, home / "built")
    built.build(FIRST, FIRST)
    built.build(SECOND, SECOND)
    return built.settings.warehouse


def rows(warehouse: Path, query: str) -> list[tuple[str, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return [tuple(map(str, row)) for row in connection.execute(query).fetchall()]


def test_a_reversal_takes_back_what_fits_and_no_more(warehouse: Path) -> None:
    """Another customer's, a cent too much, twice, in parts, and a refund: no sum is below zero."""
    found = rows(
        warehouse,
        """
        select customer_id, active_transactions, inflow_amount, transfer_in_amount, refund_amount
        from fct_customer_months where snapshot_date = date '2025-03-31' order by customer_id
        """,
    )
    assert found == [
        ("C1", "1", "100.00", "0.00", "0.00"),
        ("C2", "1", "20.00", "0.00", "0.00"),
        ("C3", "1", "100.00", "0.00", "0.00"),
        ("C4", "0", "0.00", "0.00", "0.00"),
        ("C5", "1", "25.00", "0.00", "0.00"),
        ("C6", "0", "30.00", "0.00", "30.00"),
    ]


def test_what_does_not_fit_is_named_with_its_money(warehouse: Path) -> None:
    found = rows(
        warehouse,
        """
        select source_file, source_line, customer_id, reversal_status, unapplied_amount
        from fct_unapplied_reversals order by source_line
        """,
    )
    assert found == [
        ("transactions.csv", "2", "C2", "other_customer", "100.00"),
        ("transactions.csv", "3", "C3", "more_than_left", "100.01"),
        ("transactions.csv", "5", "C4", "already_reversed", "100.00"),
        ("transactions.csv", "7", "C5", "more_than_left", "40.01"),
    ]
