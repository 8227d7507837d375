"""Contracts are read literally, or refused with the file and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from clientele.contracts import ContractError, contract_files, load_contracts, load_order
from tests.deliveries import contracts


def copy(folder: Path, entity: str, old: str = "", new: str = "") -> Path:
    text = contract_files()[entity].read_text()
    assert old in text
    (folder / f"{entity}.yml").write_text(text.replace(old, new, 1))
    return folder


def test_every_contract_is_read() -> None:
    assert len(contracts()) == 15
    assert {name for name, contract in contracts().items() if contract.is_required} == {
        "customers",
        "transactions",
    }


def test_a_column_carries_everything_its_contract_says() -> None:
    columns = {column.name: column for column in contracts()["transactions"].columns}
    assert columns["amount"].type == "decimal(18,2)"
    assert columns["amount"].minimum == 0
    assert columns["amount"].required
    assert columns["currency"].pattern == "^[A-Z]{3}$"
    assert columns["customer_id"].references == ("customers", "customer_id")
    assert columns["occurred_at"].not_after_delivery
    assert columns["channel"].allowed[:2] == ("branch", "atm")
    score = next(column for column in contracts()["survey_responses"].columns if column.name == "score")
    assert score.row_rule
    assert score.row_rule.description == "score lies on the scale of its metric"


def test_key_columns_follow_their_position() -> None:
    assert contracts()["campaign_members"].key == ("campaign_id", "customer_id")


def test_parents_are_loaded_first() -> None:
    order = load_order(contracts())
    for name, contract in contracts().items():
        for _, parent, _ in contract.references:
            assert parent == name or order.index(parent) < order.index(name)


def test_the_order_does_not_depend_on_the_order_of_the_files() -> None:
    backwards = dict(reversed(contracts().items()))
    assert load_order(backwards) == load_order(contracts())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("physicalType: varchar", "physicalType: text", "column branch_id: unknown type 'text'"),
        ("physicalType: varchar", "physicalType: decimal", "column branch_id: unknown type 'decimal'"),
        ("logicalType: string", "logicalType: number", "logicalType 'number' does not fit varchar"),
        ("primaryKey: true", "primaryKey: false", "no column has primaryKey: true"),
        ("primaryKeyPosition: 1", "primaryKeyPosition: 2", "must number the key columns from 1"),
        ("required: true", "required: false", "key column branch_id must be required"),
        ("classification: C1", "classification: C3", "C3 data may not be delivered"),
        ("value: full", "value: weekly", "deliveryMode is 'weekly'; valid: full, delta"),
        ("value: utf-8", "value: latin-1", "encoding is 'latin-1'; valid: utf-8, gb18030"),
        ("value: false", "value: maybe", "requiredEntity is 'maybe'"),
        ("name: branch_name", "name: branch_id", "column branch_id is declared twice"),
        ("name: branch_name", "name: Branch Name", "lower-case letters"),
        ("name: branch_name", "name: source_line", "the name is taken"),
        ("name: branches", "name: branch", "must all be named 'branches'"),
        ("kind: DataContract", "kind: DataContract\nowner: me", "not an Open Data Contract Standard file"),
    ],
)
def test_a_malformed_contract_names_file_and_fault(tmp_path: Path, old: str, new: str, message: str) -> None:
    copy(tmp_path, "branches", old, new)
    with pytest.raises(ContractError, match=r"branches\.yml") as error:
        load_contracts(tmp_path)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("branches.branch_id", "departments.branch_id", "there is no such entity"),
        ("branches.branch_id", "branches.branch_number", "there is no such column"),
        ("branches.branch_id", "branches", "needs a single foreignKey"),
    ],
)
def test_a_reference_must_lead_somewhere(tmp_path: Path, old: str, new: str, message: str) -> None:
    copy(tmp_path, "branches")
    copy(tmp_path, "employees", old, new)
    with pytest.raises(ContractError, match=r"employees.yml: column branch_id.*" + message):
        load_contracts(tmp_path)


@pytest.mark.parametrize(
    ("entity", "change", "message"),
    [
        ("fx_rates", {"logicalTypeOptions": {"pattern": "["}}, "is not a regular expression"),
        ("fx_rates", {"logicalTypeOptions": {"minimum": 1}}, "minimum needs a number"),
        ("fx_rates", {"logicalTypeOptions": {"format": "x"}}, "option 'format' is not supported"),
        (
            "fx_rates",
            {"customProperties": [{"property": "notAfterDelivery", "value": True}]},
            "notAfterDelivery needs a date",
        ),
        ("fx_rates", {"quality": [{"type": "sql", "query": "select 1"}]}, "one rule of engine row-rule"),
        (
            "fx_rates",
            {"quality": [{"type": "custom", "engine": "row-rule", "implementation": "true"}]},
            "needs a description",
        ),
    ],
)
def test_a_rule_that_cannot_be_applied_is_an_error(
    tmp_path: Path, entity: str, change: dict[str, object], message: str
) -> None:
    document = yaml.safe_load(contract_files()[entity].read_text())
    document["schema"][0]["properties"][0].update(change)
    (tmp_path / f"{entity}.yml").write_text(yaml.safe_dump(document))
    with pytest.raises(ContractError, match=message):
        load_contracts(tmp_path)


def test_references_may_not_run_in_a_circle(tmp_path: Path) -> None:
    copy(tmp_path, "employees")
    document = yaml.safe_load(contract_files()["branches"].read_text())
    document["schema"][0]["properties"][1]["relationships"] = [
        {"type": "foreignKey", "to": "employees.employee_id"}
    ]
    (tmp_path / "branches.yml").write_text(yaml.safe_dump(document))
    with pytest.raises(ContractError, match="references run in a circle"):
        load_contracts(tmp_path)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no contract"):
        load_contracts(tmp_path)
