"""Each rule of a contract is said once: the loader rejects by it, and gate 1 judges by it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import Contract
from clientele.contracts.rules import Rule, rules
from expectations.gate_1_database import Window, describe_entity
from expectations.suites.rows import row_checks
from orchestration import lake
from orchestration.loading.judging.staging import staged
from tests.deliveries import DAY, Bank, contracts


def of(contract: Contract) -> list[Rule]:
    return [rule for column in contract.columns for rule in rules(column)]


def test_every_kind_of_rule_is_in_a_contract() -> None:
    kinds = {rule.kind for contract in contracts().values() for rule in of(contract)}
    assert kinds == {"required", "allowed", "pattern", "minimum", "not_after_delivery", "row_rule"}


@pytest.mark.parametrize("entity", sorted(contracts()))
def test_the_loader_and_the_gate_have_exactly_the_rules_of_the_contract(entity: str, tmp_path: Path) -> None:
    contract, bank = contracts()[entity], Bank(tmp_path)
    lake.ensure_schemas(bank.settings, contracts())
    with duckdb.connect() as connection:
        window = Window(DAY, DAY + timedelta(days=1))
        describe_entity(connection, bank.settings.lake, contracts(), contract, window, 0)
        checks = {check.name: check for check in row_checks(connection, contract)}
    own = {"schema", "key_unique", *(f"reference__{column.name}" for column, _, _ in contract.references)}
    expected = {f"{rule.kind}__{rule.column.name}": rule for rule in of(contract)}
    assert set(checks) == own | set(expected)
    sql = staged(contract, "delivered")
    for name, rule in expected.items():
        assert checks[name].offenders.endswith(f" where {rule.broken}")
        assert checks[name].expected == rule.expected
        assert rule.broken in sql or rule.kind == "required"


@pytest.mark.parametrize(
    ("value", "day", "is_broken"),
    [("null", DAY, False), ("date '2025-03-31'", DAY, False), ("date '2025-04-01'", DAY, True)],
)
def test_a_condition_on_a_missing_value_breaks_nothing(value: str, day: date, is_broken: bool) -> None:
    [column] = [column for column in contracts()["customers"].columns if column.name == "closed_on"]
    [rule] = rules(column)
    found = duckdb.execute(
        f"select count(*) from (select {value}::date as closed_on, date '{day}' as business_date) "
        f"where {rule.broken}"
    ).fetchone()
    assert found == (int(is_broken),)
