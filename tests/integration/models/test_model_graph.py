"""The graph of the models keeps its rules, and each rule sees what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest

from clientele.settings import Settings
from orchestration.building import dbt_runner
from tests.integration.models import graph
from tests.integration.models.graph import Graph, Rule


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return graph.read(dbt_runner.manifest(Settings(home=tmp_path_factory.mktemp("parsed"))).content)


@pytest.mark.parametrize("rule", graph.RULES, ids=lambda rule: rule.__name__)
def test_the_models_keep_the_rule(models: Graph, rule: Rule) -> None:
    assert list(rule(models)) == []


def changed(name: str, **fields: Any) -> Callable[[Graph], Graph]:
    """One model otherwise; ``reads`` is read as well, ``config`` and ``meta`` are added to."""

    def change(models: Graph) -> Graph:
        model = models.models[name]
        said = {key: value for key, value in fields.items() if key not in ("reads", "config", "meta")}
        model = replace(
            model,
            parents=(*model.parents, *fields.get("reads", ())),
            config={**model.config, **fields.get("config", {})},
            meta={**model.meta, **fields.get("meta", {})},
        )
        return replace(models, models={**models.models, name: replace(model, **said)})

    return change


def with_source(name: str, **fields: Any) -> Callable[[Graph], Graph]:
    return lambda models: replace(
        models, sources={**models.sources, name: {**models.sources["crm.points"], **fields}}
    )


def all_views(models: Graph) -> Graph:
    return replace(
        models, models={name: replace(model, kind="view") for name, model in models.models.items()}
    )


FACT, STEP = "fct_customer_months", "int_customers__months"
SEVEN = tuple(f"int_aum__{name}" for name in ("balances", "changes", "closing", "periods", "positions"))

BREAKS: list[tuple[Rule, Callable[[Graph], Graph], str]] = [
    (
        graph.arrows_point_right,
        changed(STEP, reads=[FACT]),
        "reads fct_customer_months, which lies to its right",
    ),
    (
        graph.arrows_point_right,
        changed("stg_crm__points", reads=[STEP]),
        "stg_crm__points reads int_customers",
    ),
    (graph.facts_read_no_dimension_of_today, changed(FACT, reads=["dim_customers"]), "reads dim_customers"),
    (
        graph.names_are_those_of_the_folder,
        changed(STEP, path=PurePosixPath("intermediate/aum/int_customers__months.sql")),
        "does not have the prefix of its folder",
    ),
    (
        graph.staging_reads_one_source_and_nothing_else_does,
        changed("stg_crm__points", sources=("crm.points", "crm.campaigns")),
        "must read one source",
    ),
    (
        graph.staging_reads_one_source_and_nothing_else_does,
        changed("stg_crm__points", reads=["stg_crm__campaigns"]),
        "must read one source",
    ),
    (
        graph.staging_reads_one_source_and_nothing_else_does,
        changed(STEP, sources=("crm.points",)),
        "reads crm.points past staging",
    ),
    (
        graph.sources_are_read_once_and_lie_with_their_staging,
        with_source("crm.letters"),
        "crm.letters is read by nobody",
    ),
    (
        graph.sources_are_read_once_and_lie_with_their_staging,
        with_source("crm.points", original_file_path="models/staging/_sources.yml"),
        "crm.points is declared in",
    ),
    (
        graph.sources_are_read_once_and_lie_with_their_staging,
        with_source("crm.points", description=""),
        "crm.points is not described",
    ),
    (graph.nothing_comes_from_nowhere, changed(STEP, parents=()), "reads nothing"),
    (graph.everything_is_read_or_public, changed("fct_tier_migrations", parents=()), "is read by nobody"),
    (
        graph.nothing_is_read_by_a_written_out_name,
        changed(STEP, code="select 1 from main.fct_alerts"),
        "reads 'from main.fct_alerts'",
    ),
    (graph.every_model_is_described, changed(STEP, said="Months."), "does not say what a row is"),
    (graph.every_table_has_a_key_that_is_tested, changed(STEP, keys=()), "has no test of its key"),
    (graph.every_table_has_a_key_that_is_tested, changed(FACT, meta={"key": []}), "has no key"),
    (
        graph.every_table_has_a_key_that_is_tested,
        changed("stg_crm__points", meta={"key": ["entry_id"]}),
        "has another key than the contract",
    ),
    (
        graph.no_step_is_read_around,
        changed("int_aum__foreign_positions", reads=["int_fx__daily_rates"]),
        "reads int_fx__daily_rates beside int_aum__foreign_positions",
    ),
    (graph.no_model_joins_or_feeds_too_many, changed(STEP, reads=SEVEN), "reads 12 tables"),
    (graph.views_are_not_stacked_high, all_views, "th view in a row"),
    (
        graph.public_tables_are_contracted_and_keep_no_history,
        changed(FACT, config={"contract": {"enforced": False}}),
        "has no contract",
    ),
    (
        graph.public_tables_are_contracted_and_keep_no_history,
        changed(FACT, kind="incremental"),
        "keeps history",
    ),
    (
        graph.public_tables_are_contracted_and_keep_no_history,
        lambda models: replace(models, exposures={"a_dashboard": (STEP,)}),
        "a_dashboard shows int_customers__months",
    ),
    (graph.history_is_replaced_by_the_one_strategy, changed(STEP, meta={"replaces": "all"}), "does not say"),
    (
        graph.history_is_replaced_by_the_one_strategy,
        changed(STEP, config={"incremental_strategy": "append"}),
        "has a strategy of its own",
    ),
    (graph.history_is_replaced_by_the_one_strategy, changed(STEP, config={"pre-hook": ["x"]}), "has a hook"),
]


@pytest.mark.parametrize(("rule", "change", "said"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_breaks_a_rule_is_seen(
    models: Graph, rule: Rule, change: Callable[[Graph], Graph], said: str
) -> None:
    before, after = set(rule(models)), set(rule(change(models)))
    assert any(said in problem for problem in after - before), after - before


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, _, _ in BREAKS} == set(graph.RULES)
