"""Alert rules are rows, models and names of one union, and read no parameter that they have not got."""

from __future__ import annotations

import csv
import operator
import re
from datetime import date
from typing import Any

import pytest
import yaml

from clientele.settings import ROOT

MODELS = ROOT / "dbt_project" / "models"
RULE_MODELS = sorted((MODELS / "alerts").glob("alert_*.sql"))
HOLDS = {"<": operator.lt, "<=": operator.le, ">=": operator.ge, ">": operator.gt}


def rows(name: str) -> list[dict[str, str]]:
    [file] = (ROOT / "seeds" / "policy").rglob(f"{name}.csv")
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def sql(name: str) -> str:
    [file] = MODELS.rglob(f"{name}.sql")
    return file.read_text(encoding="utf-8")


RULES = sorted({row["rule_id"] for row in rows("alert_rules")})


def read_by(rule_id: str) -> set[str]:
    """Parameters that the models about alerts read for a rule."""
    found: set[str] = {"pending_days", "cooldown_days"}  # read for every rule
    for file in [
        *(MODELS / "alerts").glob("alert_*.sql"),
        *(MODELS / "intermediate" / "alerts").rglob("*.sql"),
    ]:
        text = file.read_text(encoding="utf-8")
        for types in re.findall(rf'rule\(\s*"{rule_id}",\s*\{{(.*?)\}}', text, flags=re.DOTALL):
            found |= set(re.findall(r'"(\w+)": ', types))
        found |= set(re.findall(rf"rule_id = '{rule_id}' and parameter = '(\w+)'", text))
    return found


def test_every_rule_has_a_model_and_every_model_a_rule() -> None:
    assert (
        sorted(file.stem.removeprefix("alert_") for file in (MODELS / "alerts").glob("alert_*.sql")) == RULES
    )


def test_every_rule_is_in_the_union() -> None:
    [listed] = re.findall(r"for rule in \[(.*?)\]", sql("int_alerts__intervals"), flags=re.DOTALL)
    assert sorted(re.findall(r'"(\w+)"', listed)) == RULES


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_reads_the_parameters_it_has(rule_id: str) -> None:
    has = {row["parameter"] for row in rows("alert_rule_parameters") if row["rule_id"] == rule_id}
    assert read_by(rule_id) == has


def test_every_parameter_belongs_to_a_rule() -> None:
    assert {row["rule_id"] for row in rows("alert_rule_parameters")} == set(RULES)


@pytest.mark.parametrize("rule_id", RULES)
def test_a_parameter_has_a_value_on_every_day_of_its_rule(rule_id: str) -> None:
    for rule in (row for row in rows("alert_rules") if row["rule_id"] == rule_id):
        for parameter in read_by(rule_id):
            values = [
                row
                for row in rows("alert_rule_parameters")
                if (row["rule_id"], row["parameter"]) == (rule_id, parameter)
            ]
            assert min(row["effective_from"] for row in values) <= rule["effective_from"], parameter
            last = max(row["effective_to"] or str(date.max) for row in values)
            assert last >= (rule["effective_to"] or str(date.max)), parameter


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_reads_policy_through_its_version_only(rule_id: str) -> None:
    """So that its version covers whatever it reads; and nothing about verdicts, which the chain decides."""
    read = set(re.findall(r'ref\("(\w+)"\)', sql(f"alert_{rule_id}")))
    assert all(name.startswith("int_") for name in read), read
    assert read.isdisjoint({"int_alerts__index", "int_alerts__verdicts", "int_alerts__firings"})


def unit_tests(rule_id: str) -> list[dict[str, Any]]:
    described = yaml.safe_load((MODELS / "alerts" / f"alert_{rule_id}.yml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = described["unit_tests"]
    return found


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_is_seen_on_both_sides_of_its_limit(rule_id: str) -> None:
    [comparison] = {row["comparison"] for row in rows("alert_rules") if row["rule_id"] == rule_id}
    verdicts = {
        HOLDS[comparison](float(row["observed"]), float(row["limit_value"]))
        for test in unit_tests(rule_id)
        for row in csv.DictReader(test["expect"]["rows"].splitlines())
        if row["observed"]
    }
    assert verdicts == {True, False}


def test_a_rule_model_stays_short() -> None:
    long = {
        file.name: lines
        for file in RULE_MODELS
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 90
    }
    assert not long


def test_a_rule_takes_three_files_beside_its_policy() -> None:
    """A rule that needs no step of its own: its model, its YAML with unit tests, its name in the union."""
    rooms = ("clientele", "orchestration", "dbt_project", "expectations", "superset")
    texts = [
        file
        for room in rooms
        for kind in ("*.py", "*.sql", "*.yml", "*.yaml")
        for file in (ROOT / room).rglob(kind)
    ]
    name = re.compile(r"(?<!branch_)satisfaction_decline\b")
    assert {file.name for file in texts if name.search(file.read_text(encoding="utf-8"))} == {
        "alert_satisfaction_decline.sql",
        "alert_satisfaction_decline.yml",
        "int_alerts__intervals.sql",
    }
