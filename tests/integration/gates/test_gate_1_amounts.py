"""Deliveries whose every line is in order, and whose numbers are in another unit than those before them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clientele.policy import POLICY
from expectations.limits import delivery_limits
from expectations.results import CheckResult
from expectations.runner import run_gate_1
from tests.deliveries import Bank, contracts

FIRST, LAST = date(2025, 3, 3), date(2025, 3, 10)
BEFORE = [FIRST + timedelta(days=number) for number in range(7)]
ROWS = 60
"""Transactions a day, a third of each type: enough for each type to be judged."""
TYPES = ("deposit", "fee", "salary")
USUAL = {"deposit": Decimal(300), "fee": Decimal(5), "salary": Decimal(9000)}
HEADERS = {
    "customers": "customer_id,customer_type,opened_on",
    "products": "product_id,product_family,product_name",
    "accounts": "account_id,customer_id,product_id,opened_on",
    "balances": "account_id,balance_amount",
    "fx_rates": "currency,mid_rate",
    "transactions": "transaction_id,customer_id,occurred_at,amount,transaction_type,currency",
}
ONCE = {
    "customers": [f"C{number},individual,2020-01-01" for number in range(ROWS)],
    "products": ["P1,deposit,活期", "P2,loan,房贷"],
    "accounts": [f"A{number},C{number},P{1 + number % 2},2020-01-01" for number in range(ROWS)],
}
RATES = {"USD": Decimal("7.2"), "JPY": Decimal("0.048"), "EUR": Decimal("7.8")}

Amount = Callable[[int, str, Decimal], object]
Judge = Callable[..., dict[str, CheckResult]]


def usual(number: int, kind: str, amount: Decimal) -> Decimal:
    return amount


def paid(day: date, amount: Amount = usual, rows: int = ROWS, currency: str = "CNY") -> list[str]:
    """Transactions of a day; those of a type lie between the usual amount and twice as much."""
    lines = []
    for number in range(rows):
        kind = TYPES[number % len(TYPES)]
        value = amount(number, kind, USUAL[kind] * (100 + number * 37 % 100) / 100)
        lines.append(f"T{day:%m%d}-{number},C{number % ROWS},{day} 09:00:00,{value},{kind},{currency}")
    return lines


def held(amount: Amount = usual, rows: int = ROWS) -> list[str]:
    return [f"A{number},{amount(number, '', Decimal(1000 + number))}" for number in range(rows)]


def rated(**changed: str) -> list[str]:
    return [f"{currency},{changed.get(currency, rate)}" for currency, rate in RATES.items()]


@pytest.fixture(scope="module")
def usual_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank after a week of ordinary days."""
    bank = Bank(tmp_path_factory.mktemp("usual"))
    for entity, lines in ONCE.items():
        deliver(bank, entity, lines, FIRST)
    for day in BEFORE:
        deliver(bank, "transactions", paid(day), day)
        deliver(bank, "balances", held(), day)
        deliver(bank, "fx_rates", rated(), day)
    return bank.settings.home


def deliver(bank: Bank, entity: str, lines: Sequence[str], day: date) -> None:
    bank.deliver(entity, [HEADERS[entity], *lines], day)
    assert bank.load(entity, day).refused == ()


@pytest.fixture
def judge(usual_bank: Path, tmp_path: Path) -> Judge:
    """Deliver and judge the day after the ordinary ones."""
    home = tmp_path / "home"
    shutil.copytree(usual_bank, home)
    bank = Bank(home)

    def run(
        entity: str, lines: Sequence[str], day: date = LAST, policy: Path = POLICY
    ) -> dict[str, CheckResult]:
        deliver(bank, entity, lines, day)
        results = run_gate_1(bank.settings, contracts(), entity, day, day, delivery_limits(policy))
        return {result.check_name: result for result in results}

    return run


def fired(results: dict[str, CheckResult]) -> dict[str, str]:
    """The checks of amounts that did not pass."""
    wanted = ("usual_level", "few_far_values", "currency_mix")
    return {
        name: result.status
        for name, result in results.items()
        if name.startswith(wanted) and result.status in ("failed", "warned")
    }


def in_type(kind: str, factor: Decimal | int) -> Amount:
    return lambda number, of, amount: amount * factor if of == kind else amount


def every(nth: int, factor: Decimal | int) -> Amount:
    return lambda number, of, amount: amount * factor if number // len(TYPES) % nth == 0 else amount


OTHER_UNITS: dict[str, tuple[str, list[str], str, str]] = {
    # Reported of imports: buckets/application#200, #387, firefly-iii/firefly-iii#4106, Expensify/App#78129.
    "hundredths, as when the decimal point was lost": (
        "transactions",
        paid(LAST, lambda number, of, amount: int(amount * 100)),
        "usual_level__amount",
        "all rows, rows=60",
    ),
    "tens of thousands": (
        "transactions",
        paid(LAST, lambda number, of, amount: round(amount / 10_000, 2)),
        "usual_level__amount",
        "all rows, rows=60",
    ),
    "hundredths in one type": (
        "transactions",
        paid(LAST, in_type("salary", 100)),
        "usual_level__amount",
        "transaction_type salary, rows=20",
    ),
    "hundredths in two lines of five": (
        "transactions",
        paid(LAST, lambda number, of, amount: amount * (100 if number // 3 % 5 < 2 else 1)),
        "few_far_values__amount",
        "all rows, far_rows=24, rows=60",
    ),
    "zero everywhere": (
        "transactions",
        paid(LAST, lambda number, of, amount: 0),
        "usual_level__amount",
        "all rows, rows=60",
    ),
    "balances in hundredths": (
        "balances",
        held(lambda number, of, amount: amount * 100),
        "usual_level__balance_amount",
        "all rows, rows=60",
    ),
    "balances of one product in hundredths": (
        "balances",
        held(lambda number, of, amount: amount * (100 if number % 2 else 1)),
        "usual_level__balance_amount",
        "product_id P2, rows=30",
    ),
    "another currency than ever": (
        "transactions",
        paid(LAST, currency="USD"),
        "currency_mix",
        "currency=CNY, rows_of_currency=0, rows=60, usual_share=1.0, share=0.0",
    ),
    # Reported of rates: Urigo/accounter-fullstack#2360, florianv/exchanger#129, OCA/currency#10.
    "a rate per hundred units": ("fx_rates", rated(JPY="4.8"), "usual_level__mid_rate", "currency JPY"),
    "an inverted rate": ("fx_rates", rated(USD="0.13888889"), "usual_level__mid_rate", "currency USD"),
    "every rate per hundred units": (
        "fx_rates",
        rated(USD="720", JPY="4.8", EUR="780"),
        "usual_level__mid_rate",
        "all rows, rows=3",
    ),
    "a rate of zero": ("fx_rates", rated(EUR="0"), "usual_level__mid_rate", "currency EUR"),
}


@pytest.mark.parametrize("name", OTHER_UNITS)
def test_numbers_in_another_unit_block_and_say_where(judge: Judge, name: str) -> None:
    entity, lines, check, group = OTHER_UNITS[name]
    results = judge(entity, lines)
    assert fired(results)[check] == "failed"
    assert results[check].is_blocking
    found = [example for example in results[check].examples if group in example]
    assert found, results[check].examples
    assert f"business_date={LAST}, files={entity}.csv" in found[0]


ORDINARY: dict[str, tuple[str, list[str]]] = {
    "like the days before": ("transactions", paid(LAST)),
    "twice as much of everything": ("transactions", paid(LAST, lambda number, of, amount: amount * 2)),
    "a day of salaries": (
        "transactions",
        [line for line in paid(LAST, rows=3 * ROWS) if ",salary," in line] + paid(date(2025, 3, 9))[:9],
    ),
    "only fees": ("transactions", [line for line in paid(LAST, rows=3 * ROWS) if ",fee," in line]),
    "a few very large sums": ("transactions", paid(LAST, every(10, 1000))),
    "too few to tell": ("transactions", paid(LAST, lambda number, of, amount: amount * 100, rows=15)),
    "nothing": ("transactions", []),
    "a type that never came": (
        "transactions",
        [line.replace(",fee,", ",interest,") for line in paid(LAST, in_type("fee", 40))],
    ),
    "some in a new currency": (
        "transactions",
        paid(LAST)[:54] + [line.replace("CNY", "USD") for line in paid(LAST)[54:]],
    ),
    "salaries on accounts": ("balances", held(lambda number, of, amount: amount + 700 * (number % 2))),
    "some accounts emptied": ("balances", held(lambda number, of, amount: amount * (number % 20 > 0))),
    "a rate that moved": ("fx_rates", rated(USD="7.5", JPY="0.046")),
    "a new rate": ("fx_rates", [*rated(), "KRW,0.0053"]),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_day_is_not_held_up(judge: Judge, name: str) -> None:
    entity, lines = ORDINARY[name]
    assert fired(judge(entity, lines)) == {}


def test_some_values_in_another_unit_warn(judge: Judge) -> None:
    results = judge("transactions", paid(LAST, every(5, 100)))
    assert fired(results) == {"few_far_values__amount": "warned"}
    assert "far_rows=12, rows=60, share=0.2" in results["few_far_values__amount"].examples[0]


def test_a_bank_without_a_past_is_not_judged(tmp_path: Path) -> None:
    bank = Bank(tmp_path)
    deliver(bank, "customers", ONCE["customers"], FIRST)
    deliver(bank, "transactions", paid(FIRST), FIRST)
    results = run_gate_1(bank.settings, contracts(), "transactions", FIRST, FIRST)
    amounts = {result.check_name: result for result in results if result.check_name.endswith("__amount")}
    assert amounts["usual_level__amount"].status == "not_applicable"
    assert amounts["few_far_values__amount"].status == "not_applicable"


def test_a_type_without_a_past_is_named(judge: Judge) -> None:
    entity, lines = ORDINARY["a type that never came"]
    observed = judge(entity, lines)["usual_level__amount"].observed
    assert observed.endswith("not compared for lack of a past: transaction_type interest")


def test_the_line_that_the_message_names_lets_the_day_pass(judge: Judge, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))
    lines = paid(LAST, lambda number, of, amount: amount * 12)
    result = judge("transactions", lines)["usual_level__amount"]
    _, line = result.examples[0].split("\n")
    limits = folder / "deliveries" / "delivery_limits.csv"
    text = line.replace("<owner>", "Data Office").replace("<reason>", "Yearly dividends.")
    limits.write_text(f"{limits.read_text()}{text}\n")
    assert "usual_level__amount" not in fired(judge("transactions", lines, policy=folder))


def test_a_row_for_month_ends_holds_on_month_ends_alone(judge: Judge, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))
    limits = folder / "deliveries" / "delivery_limits.csv"
    row = "transactions,amount_max_ratio,month_end,20,error,Data Office,Interest of a quarter.,1990-01-01,"
    limits.write_text(f"{limits.read_text()}{row}\n")
    month_end = date(2025, 3, 31)
    by_twelve = {
        day: paid(day, lambda number, of, amount: amount * 12)
        for day in (month_end - timedelta(days=1), month_end)
    }
    statuses = [
        fired(judge("transactions", lines, day, folder)).get("usual_level__amount")
        for day, lines in by_twelve.items()
    ]
    assert statuses == ["failed", None]
