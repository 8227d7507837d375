"""Policy is complete, dated and owned, agrees with the contracts, and every number of it is under test."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from clientele.contracts import contract_files
from clientele.policy import declarations
from clientele.settings import ROOT

POLICY = ROOT / "seeds" / "policy"
DBT = ROOT / "dbt_project"
FILES = {file.stem: file for file in POLICY.rglob("*.csv")}
SEEDS = sorted(FILES)

Row = dict[str, str]


@cache
def rows(seed: str) -> list[Row]:
    with FILES[seed].open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def unit_tests() -> list[dict[str, Any]]:
    return [
        test
        for file in sorted((DBT / "models").rglob("*.yml"))
        for test in yaml.safe_load(file.read_text(encoding="utf-8")).get("unit_tests", [])
    ]


def fixture(rows_or_csv: Any) -> list[dict[str, Any]]:
    """Rows of a fixture; those written in SQL say nothing about policy."""
    if isinstance(rows_or_csv, list):
        return rows_or_csv
    if rows_or_csv.lstrip().startswith(("select", "{%")):
        return []
    return list(csv.DictReader(io.StringIO(rows_or_csv)))


def given(test: dict[str, Any], model: str) -> list[dict[str, Any]]:
    found = [entry for entry in test["given"] if re.fullmatch(rf"ref\(.{model}.\)", entry["input"])]
    return fixture(found[0].get("rows", [])) if found else []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_has_an_owner_a_reason_and_a_first_day(seed: str) -> None:
    header = FILES[seed].read_text(encoding="utf-8").splitlines()[0].split(",")
    dated = [] if seed == "holidays" else ["effective_from", "effective_to"]
    assert header[-2 - len(dated) :] == ["owner", "rationale", *dated]
    declared = declarations.declared(POLICY)[seed]
    assert all(declared.column(name).required for name in ("owner", "rationale", *dated[:1]))


def test_the_declared_parameters_have_the_types_to_which_the_models_cast_them() -> None:
    seed = declarations.declared(POLICY)["policy_parameters"]
    cast = {
        (file.stem.removeprefix("int_policy__"), parameter): kind
        for file in (DBT / "models" / "intermediate" / "policy").glob("*.sql")
        for parameter, kind in re.findall(r'"(\w+)": "([a-z0-9(),]+)"', file.read_text(encoding="utf-8"))
    }
    assert cast
    assert cast == {key: seed.units[seed.parameters[key]] for key in cast}


def test_the_poisson_floors_follow_from_the_formula() -> None:
    rule = next(row for row in rows("alert_rules") if row["rule_id"] == "frequency_drop")
    windows = int(rule["baseline_windows"])

    def probability_of_at_most(observed: int, baseline_days: int) -> float:
        mean = baseline_days / windows
        return math.exp(-mean) * sum(mean**count / math.factorial(count) for count in range(observed + 1))

    floors = rows("poisson_floors")
    # A window cannot hold more days than it has, so no larger count can be half of a mean.
    most = int(float(rule["threshold"]) * int(rule["window_days"]))
    assert [int(row["observed_days"]) for row in floors] == list(range(most + 1))
    for row in floors:
        observed, floor = int(row["observed_days"]), int(row["minimum_baseline_days"])
        limit = float(row["maximum_probability"])
        assert probability_of_at_most(observed, floor) <= limit, row
        assert probability_of_at_most(observed, floor - 1) > limit, row


def contract_values(entity: str, column: str) -> set[str]:
    contract = yaml.safe_load(contract_files()[entity].read_text(encoding="utf-8"))
    properties = contract["schema"][0]["properties"]
    enum = next(entry["enum"] for entry in properties if entry["name"] == column)
    return {entry["value"] for entry in enum}


@pytest.mark.parametrize(
    ("seed", "entity", "column"),
    [
        ("transaction_types", "transactions", "transaction_type"),
        ("product_families", "products", "product_family"),
    ],
)
def test_policy_knows_exactly_what_the_contract_allows(seed: str, entity: str, column: str) -> None:
    assert {row[column] for row in rows(seed)} == contract_values(entity, column)


def sql() -> Iterator[str]:
    for folder in ("models", "macros"):
        for file in sorted((DBT / folder).rglob("*.sql")):
            yield file.read_text(encoding="utf-8")


def test_every_parameter_is_read_by_the_models_or_the_orchestration() -> None:
    models = "\n".join(sql())
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "orchestration").rglob("*.py"))
    for row in rows("policy_parameters"):
        quoted = re.compile(rf"""["']{row["parameter"]}["']""")
        assert quoted.search(models) or quoted.search(code), (
            f"nobody reads {row['topic']} / {row['parameter']}"
        )


def test_every_parameter_the_models_read_is_in_a_unit_test() -> None:
    models = "\n".join(sql())
    shown = {
        (row["topic"], row["parameter"]) for test in unit_tests() for row in given(test, "policy_parameters")
    } | {
        (topic, column)
        for topic in {row["topic"] for row in rows("policy_parameters")}
        for test in unit_tests()
        for row in given(test, f"int_policy__{topic}")
        for column in row
    }
    for row in rows("policy_parameters"):
        if re.search(rf"""["']{row["parameter"]}["']""", models):
            assert (row["topic"], row["parameter"]) in shown, f"no unit test shows {row['parameter']}"


def test_the_measures_of_the_rules_are_those_that_are_measured_and_each_is_used() -> None:
    model = DBT / "models" / "intermediate" / "classes" / "int_classes__measures.sql"
    offered = re.search(r"for measure in \(([^)]*)\)", model.read_text(encoding="utf-8"))
    assert offered
    declared = declarations.declared(POLICY)["classification_rules"].column("measure").allowed
    assert (
        set(declared)
        == set(re.findall(r"\w+", offered[1]))
        == {row["measure"] for row in rows("classification_rules")}
    )


def test_every_classification_rule_is_in_a_unit_test() -> None:
    columns = ("classification", "policy", "rule_rank", "class", "measure", "comparison", "limit_value")
    shown = {
        tuple(row[column] for column in columns)
        for test in unit_tests()
        for row in given(test, "int_classes__rules")
    }
    assert {tuple(row[column] for column in columns) for row in rows("classification_rules")} <= shown


@pytest.mark.parametrize("rule_id", sorted({row["rule_id"] for row in rows("alert_rules")}))
def test_every_alert_rule_is_seen_firing_quiet_and_undecided(rule_id: str) -> None:
    of_rule = [
        test
        for test in unit_tests()
        if test["model"] == f"alert_{rule_id}"
        and any(row["rule_id"] == rule_id for row in given(test, "alert_rules"))
    ]
    statuses = {row["status"] for test in of_rule for row in fixture(test["expect"]["rows"])}
    assert {"firing", "clear", "insufficient_data"} <= statuses
