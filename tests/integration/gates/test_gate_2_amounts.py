"""Gate 2 on releases whose amounts changed: what no customer did is told, what customers do is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import load_contracts
from clientele.settings import Settings
from expectations.results import CheckResult
from expectations.runner import run_gate_2

AS_OF, EARLIER = date(2025, 12, 17), date(2025, 12, 16)
METRICS = ("drift__amount_", "drift__aum_unexplained_pct")
TABLES = {
    "fct_customer_months": {
        "customer_id": "varchar",
        "snapshot_date": "date",
        "aum_amount": "decimal(18,2)",
        "inflow_amount": "decimal(18,2)",
        "outflow_amount": "decimal(18,2)",
    },
    "fct_holdings": {
        "customer_id": "varchar",
        "snapshot_date": "date",
        "product_family": "varchar",
        "currency": "varchar",
        "balance_amount": "decimal(18,2)",
    },
    "fct_portfolio_monthly": {"snapshot_date": "date", "customers": "bigint"},
}
Judge = Callable[..., dict[str, CheckResult]]


def build(file: Path, as_of: date, customers: int, sql: str) -> None:
    """Three snapshots; flows count from the first of the month, so those of the as-of date are about half."""
    file.parent.mkdir()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"""
            create temp table customers as
            select 'C' || i as customer_id, snapshot_date, (10000 + i)::decimal(18,2) as amount,
                day(snapshot_date) / 30 as part_of_month, i
            from range({customers}) as ids(i) cross join (
                values (date '2025-10-31'), (date '2025-11-30'), (date '{as_of}')
            ) as snapshots(snapshot_date) group by all;
            create table fct_customer_months as
            select customer_id, snapshot_date, amount as aum_amount,
                (amount * part_of_month)::decimal(18,2) as inflow_amount,
                (amount * part_of_month)::decimal(18,2) as outflow_amount
            from customers;
            create table fct_holdings as
            select customer_id, snapshot_date, ['deposit', 'fund'][1 + i % 2] as product_family,
                ['CNY', 'USD'][1 + (i % 4 = 0)::int] as currency, amount as balance_amount
            from customers;
            create table fct_portfolio_monthly as
            select snapshot_date, count(*) as customers from customers group by all;
            """
        )
        connection.execute(sql or "select 1")


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def run(
        candidate: str = "",
        previous: str = "",
        days: tuple[date, date] = (EARLIER, AS_OF),
        customers: int = 400,
        is_new_version: bool = False,
    ) -> dict[str, CheckResult]:
        build(tmp_path / "previous" / "warehouse.duckdb", days[0], customers, previous)
        build(tmp_path / "candidate" / "warehouse.duckdb", days[1], customers, candidate)
        results = run_gate_2(
            Settings(home=tmp_path),
            tmp_path / "candidate" / "warehouse.duckdb",
            tmp_path / "previous" / "warehouse.duckdb",
            days[1],
            TABLES,
            {"fct_customer_months": ["customer_id", "snapshot_date"]},
            load_contracts(),
            is_new_version=is_new_version,
        )
        return {result.check_name: result for result in results if result.check_name.startswith(METRICS)}

    return run


def fired(results: dict[str, CheckResult]) -> dict[str, str]:
    return {name: result.status for name, result in results.items() if result.status in ("failed", "warned")}


def failed(results: dict[str, CheckResult]) -> str:
    """The examples of all that failed."""
    return "\n".join(
        example for result in results.values() if result.status == "failed" for example in result.examples
    )


def changed(table: str, column: str, value: str, where: str = "true", day: date = AS_OF) -> str:
    return f"update {table} set {column} = {value} where snapshot_date = date '{day}' and {where}"


WRONG = {
    "assets in hundredths": (
        changed("fct_customer_months", "aum_amount", "aum_amount * 100"),
        "fct_customer_months.aum_amount of all on 2025-12-17",
    ),
    "one currency at a rate per hundred units": (
        changed("fct_holdings", "balance_amount", "balance_amount * 100", "currency = 'USD'"),
        "fct_holdings.balance_amount of currency USD on 2025-12-17",
    ),
    "one product with a lost decimal point": (
        changed("fct_holdings", "balance_amount", "balance_amount * 100", "product_family = 'fund'"),
        "fct_holdings.balance_amount of product_family fund on 2025-12-17",
    ),
    "flows that fell to nothing within a month": (
        changed("fct_customer_months", "inflow_amount", "0"),
        "fct_customer_months.inflow_amount of all on 2025-12-17",
    ),
    "nearly nobody left with an amount": (
        changed("fct_holdings", "balance_amount", "0", "customer_id not like 'C1_'"),
        "fct_holdings.balance_amount of all on 2025-12-17",
    ),
    "assets that came from nowhere": (
        changed("fct_customer_months", "aum_amount", "aum_amount * 1.2"),
        "assets of all customers",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_amounts_that_no_customer_moved_block_and_say_where(judge: Judge, name: str) -> None:
    sql, subject = WRONG[name]
    assert subject in failed(judge(sql))


MOVED = {
    "nothing": "",
    "half as much again, paid in": changed("fct_customer_months", "aum_amount", "aum_amount * 1.5")
    + ";"
    + changed("fct_customer_months", "inflow_amount", "inflow_amount + aum_amount / 3"),
    "twice the usual flows": changed("fct_customer_months", "inflow_amount", "inflow_amount * 2")
    + ";"
    + changed("fct_customer_months", "outflow_amount", "outflow_amount * 2"),
    "one customer with a hundred times as much": changed(
        "fct_holdings", "balance_amount", "balance_amount * 100", "customer_id = 'C7'"
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_what_customers_do_is_not_held_up(judge: Judge, name: str) -> None:
    assert fired(judge(MOVED[name])) == {}


def test_the_first_day_of_a_month_has_small_flows(judge: Judge) -> None:
    days = (date(2025, 11, 30), date(2025, 12, 1))
    assert fired(judge(days=days)) == {}


def test_few_customers_are_not_judged(judge: Judge) -> None:
    assert fired(judge(changed("fct_customer_months", "aum_amount", "aum_amount * 100"), customers=50)) == {}


def test_a_new_version_only_warns(judge: Judge) -> None:
    sql, _ = WRONG["assets in hundredths"]
    assert set(fired(judge(sql, is_new_version=True)).values()) == {"warned"}
