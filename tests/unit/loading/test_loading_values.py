"""Values at the edges of the contract: what is exactly right is loaded, what is just wrong is rejected.

What is plainly wrong stands in ``tests/bad_deliveries/``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.deliveries import DAY, Bank


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


def judged(
    bank: Bank, entity: str, good: dict[str, str], column: str, value: str
) -> tuple[list[Any], list[str]]:
    """Loaded values and reasons after replacing one value in a good row."""
    row = {**good, column: value}
    bank.deliver(entity, [",".join(row), ",".join(row.values())])
    bank.load(entity)
    return bank.rows("raw", entity, column), bank.rows("rejects", entity, "reason")


TRANSACTION = {
    "transaction_id": "T1",
    "customer_id": "C1",
    "occurred_at": "2025-03-31 09:00:00",
    "amount": "1.00",
    "transaction_type": "deposit",
    "currency": "CNY",
}
SURVEY = {
    "response_id": "R1",
    "customer_id": "C1",
    "survey_kind": "periodic",
    "wave_id": "2025Q1",
    "metric": "nps",
    "sent_at": "2025-03-01 09:00:00",
    "score": "10",
}
CUSTOMER = {
    "customer_id": "C1",
    "customer_type": "individual",
    "opened_on": "2020-02-29",
    "birth_date": "1980-01-01",
    "is_vip_elsewhere": "true",
}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0.00"),
        ("0.00", "0.00"),
        ("12.3", "12.30"),
        ("+5", "5.00"),
        ("007.50", "7.50"),
        ("1.500", "1.50"),
        ("9999999999999999.99", "9999999999999999.99"),
    ],
)
def test_amounts_that_are_exact(bank: Bank, text: str, amount: str) -> None:
    assert judged(bank, "transactions", TRANSACTION, "amount", text) == ([Decimal(amount)], [])


def test_the_minimum_itself_is_allowed(bank: Bank) -> None:
    assert judged(bank, "transactions", TRANSACTION, "amount", "-0.01") == (
        [],
        ["amount: '-0.01' is below the minimum 0"],
    )
    assert judged(bank, "transactions", TRANSACTION, "amount", "-0.00") == ([Decimal("0.00")], [])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-03-31 23:59:59.999999", datetime(2025, 3, 31, 23, 59, 59, 999999)),
        ("2025-03-31T00:00:00", datetime(2025, 3, 31)),
        ("2025-03-31 10:00:00.50", datetime(2025, 3, 31, 10, 0, 0, 500000)),
        ("2024-02-29 10:00:00", datetime(2024, 2, 29, 10)),
    ],
)
def test_timestamps_up_to_the_end_of_the_business_date(bank: Bank, text: str, moment: datetime) -> None:
    assert judged(bank, "transactions", TRANSACTION, "occurred_at", text) == ([moment], [])


@pytest.mark.parametrize("text", ["2020-02-29", "2025-03-31", "0001-01-01"])
def test_dates_that_exist(bank: Bank, text: str) -> None:
    assert judged(bank, "customers", CUSTOMER, "opened_on", text) == ([date.fromisoformat(text)], [])


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("FALSE", False), ("1", True), ("0", False), ("Y", True), ("n", False), ("", None)],
)
def test_truth_values(bank: Bank, text: str, value: bool | None) -> None:
    assert judged(bank, "customers", CUSTOMER, "is_vip_elsewhere", text) == ([value], [])


@pytest.mark.parametrize(("metric", "low", "high"), [("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)])
def test_a_rule_of_a_row_holds_on_its_edges_and_not_beyond(
    bank: Bank, metric: str, low: int, high: int
) -> None:
    row = {**SURVEY, "metric": metric}
    for score in (low, high):
        assert judged(bank, "survey_responses", row, "score", str(score)) == ([score], [])
    for score in (low - 1, high + 1):
        expected = f"score: '{score}' breaks the rule: score lies on the scale of its metric"
        assert judged(bank, "survey_responses", row, "score", str(score)) == ([], [expected])
    assert judged(bank, "survey_responses", row, "score", "") == ([None], [])


@pytest.mark.parametrize(
    "column", ["transaction_id", "customer_id", "occurred_at", "amount", "transaction_type"]
)
@pytest.mark.parametrize("text", ["", "  ", '""'])
def test_a_required_value_may_not_be_empty(bank: Bank, column: str, text: str) -> None:
    assert judged(bank, "transactions", TRANSACTION, column, text) == ([], [f"{column}: required, but empty"])


def test_a_reason_does_not_repeat_a_personal_value(bank: Bank) -> None:
    assert judged(bank, "customers", CUSTOMER, "birth_date", "1980-13-01")[1] == [
        "birth_date: the value is not a date"
    ]
    assert judged(bank, "customers", CUSTOMER, "birth_date", "2025-04-01")[1] == [
        "birth_date: the value is after the business date 2025-03-31"
    ]


def test_the_first_failing_column_gives_the_reason(bank: Bank) -> None:
    row = {**TRANSACTION, "amount": "abc", "currency": "x"}
    assert judged(bank, "transactions", row, "occurred_at", "yesterday")[1] == [
        "occurred_at: 'yesterday' is not a timestamp"
    ]


def test_long_and_hostile_values_are_shown_cut_and_harmless(bank: Bank) -> None:
    text = "'; drop table staged; --" + "x" * 100
    (reason,) = judged(bank, "transactions", TRANSACTION, "currency", text)[1]
    assert reason == f"currency: '{text[:60]}' does not match ^[A-Z]{{3}}$"
    assert bank.rows("rejects", "transactions", "raw_text")[0].endswith(text)
    assert bank.load("transactions").unchanged == (DAY,)
