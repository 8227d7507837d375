"""Each rule of a contract is said once: the loader rejects by it, and gate 1 judges by it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from clientele.contracts import CONTRACTS, Contract, contract_files, load_contracts
from clientele.contracts.rules import Rule, rules
from expectations.gate_1_database import Window, describe_entity
from expectations.suites.rows import row_checks
from orchestration import lake
from orchestration.defs.landing.assets import raw_asset, raw_key
from orchestration.defs.landing.partitions import business_dates
from orchestration.loading import loader
from orchestration.loading.judging.missing_values import MissingValues
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
    expected = {rule.name: rule for rule in of(contract)}
    assert set(checks) == own | set(expected)
    sql = staged(contract, "delivered", MissingValues(contract, [DAY]))
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


def test_a_new_entity_is_loaded_and_judged_by_its_contract_alone(tmp_path: Path) -> None:
    document = yaml.safe_load(contract_files()["branches"].read_text(encoding="utf-8"))
    document["name"] = document["schema"][0]["name"] = "savings_groups"
    folder, bank = tmp_path / "contracts", Bank(tmp_path / "home")
    shutil.copytree(CONTRACTS, folder)
    (folder / "core_banking" / "savings_groups.yml").write_text(yaml.safe_dump(document), encoding="utf-8")
    known = load_contracts(folder)
    contract = known["savings_groups"]
    file = bank.settings.landing / "savings_groups" / str(DAY) / "savings_groups.csv"
    file.parent.mkdir(parents=True)
    file.write_text("branch_id,branch_name,city\nG1,North,Yunxi\n,South,Yunxi\n", encoding="utf-8")
    loader.load(bank.settings, contract, (DAY,), known, progress=lambda text: None)
    assert bank.rows("raw", "savings_groups", "branch_id") == ["G1"]
    [(_, line, column, _)] = bank.rejects("savings_groups")
    assert (line, column) == (3, "branch_id")
    with duckdb.connect() as connection:
        describe_entity(
            connection, bank.settings.lake, known, contract, Window(DAY, DAY + timedelta(days=1)), 0
        )
        assert {"required__branch_id", "key_unique"} <= {
            check.name for check in row_checks(connection, contract)
        }
    asset = raw_asset(contract, business_dates(bank.settings, known))
    assert asset.key == raw_key("savings_groups")
