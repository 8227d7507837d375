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


def test_what_is_improbable_follows_from_the_formula() -> None:
    has = {
        row["parameter"]: float(row["value"])
        for row in rows("alert_rule_parameters")
        if row["rule_id"] == "frequency_drop" and not row["argument"]
    }
    floors = {
        int(row["argument"]): int(row["value"])
        for row in rows("alert_rule_parameters")
        if row["parameter"] == "improbable_from_total"
    }

    def probability_of_at_most(observed: int, baseline_days: int) -> float:
        mean = baseline_days / has["baseline_windows"]
        return math.exp(-mean) * sum(mean**count / math.factorial(count) for count in range(observed + 1))

    # A window cannot hold more days than it has, so no larger count can be that share of a mean.
    most = int(has["maximum_share"] * has["window_days"])
    assert list(floors) == list(range(most + 1))
    assert list(floors.values()) == sorted(floors.values())
    for observed, floor in floors.items():
        assert probability_of_at_most(observed, floor) <= has["maximum_probability"], observed
        assert probability_of_at_most(observed, floor - 1) > has["maximum_probability"], observed


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
