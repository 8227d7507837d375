"""The dbt models, their tests as asset checks, and the plan of what they compute."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, DbtCliResource, dbt_assets
from packaging import version

from expectations.results import CheckResult, Status
from orchestration.building import dbt_runner, warehouse
from orchestration.building.build_plan import BuildPlan
from orchestration.building.failing_rows import failing_rows
from orchestration.defs.landing.assets import OWNERS, raw_key, run_window
from orchestration.defs.resources import RefreshResource
from orchestration.refreshes import operations

PROGRESS_EVERY = 20
OPERATIONS = "operations"
"""The source that the refreshes themselves write; all others are loaded by raw assets."""
SEED_TESTS = "fqn:clientele.seeds"
"""Selects the tests that policy.yml and its neighbours declare."""
_STATUS: dict[str, Status] = {
    "pass": "passed",
    "warn": "warned",
    "fail": "failed",
    "error": "failed",
    "skipped": "not_applicable",
}


class Translator(DagsterDbtTranslator):
    """How models and sources appear in Dagster: grouped by layer, sources as the raw assets."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Sources are the assets that load them; models keep their names."""
        if dbt_resource_props["resource_type"] == "source":
            if dbt_resource_props["source_name"] == OPERATIONS:
                return dg.AssetKey([OPERATIONS, dbt_resource_props["name"]])
            return raw_key(dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: the first folder below models, or policy for seeds."""
        if dbt_resource_props["resource_type"] == "seed":
            return "policy"
        return str(dbt_resource_props["fqn"][1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """Models are kept by the data engineers."""
        return OWNERS


class DbtResource(DbtCliResource):
    """dbt, without starting it once more to ask for its version, or loading it here to ask for columns."""

    @property
    def _cli_version(self) -> version.Version:
        return version.parse(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None  # it would serve fetch_row_counts and fetch_column_metadata, which we do not call


def dbt_models(manifest: dbt_runner.Manifest) -> dg.AssetsDefinition:
    """All models in one dbt call per refresh; starting dbt costs more than a day's models."""

    @dbt_assets(manifest=manifest.path, dagster_dbt_translator=Translator())
    def models(
        context: dg.AssetExecutionContext, dbt: DbtResource, refresh: RefreshResource
    ) -> Iterator[Any]:
        settings = refresh.settings
        plan = refresh.plan(*run_window(context))
        operations.save(
            settings,
            replace(
                operations.load(settings, context.run.run_id),
                window_start_date=plan.window_start,
                as_of_date=plan.as_of,
                model_version=plan.target.model_version,
            ),
        )
        print(f"models: {plan.window_start} to {plan.as_of} ({plan.reason})", flush=True)
        if plan.is_rebuild:
            warehouse.remove(settings)
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        (settings.dbt_target / "run_results.json").unlink(missing_ok=True)
        os.environ.update(plan.environment())
        invocation = dbt.cli(
            ["build", *_left_out(plan)],
            context=context,
            target_path=settings.dbt_target,
            raise_on_error=False,
        )
        built = manifest.relations("model", "seed") if plan.is_rebuild else manifest.relations("model")
        yield from _with_progress(invocation, len(built), settings.dbt_target / "logs" / "refresh.log")
        record_tests(refresh, context.run.run_id, plan.as_of, invocation)
        if not invocation.is_successful():
            raise dg.Failure(f"models failed:\n{problems(settings, invocation)}", allow_retries=False)
        warehouse.remember(settings, plan.target)

    return models


def _left_out(plan: BuildPlan) -> list[str]:
    """What to leave out: tests of what has not changed since `make test`, seeds already in the warehouse."""
    unit_tests = ["--exclude-resource-type", "unit_test"]
    if plan.is_rebuild:
        return unit_tests
    # A change of policy that a number depends on is a new model version, and so a rebuild.
    return [*unit_tests, "--exclude-resource-type", "seed", "--exclude", SEED_TESTS]


def _with_progress(invocation: DbtCliInvocation, models: int, log: Path) -> Iterator[Any]:
    """Pass dbt's events on; its lines go to a log, people get one line per twenty models."""
    events, built = iter(invocation.stream()), 0
    with log.open("w") as lines:
        while True:
            with redirect_stdout(lines):
                event = next(events, None)
            if event is None:
                return
            if not isinstance(event, dg.AssetCheckResult | dg.AssetCheckEvaluation):
                built += 1
                if built % PROGRESS_EVERY == 0:
                    print(f"models: {built} of {models} built", flush=True)
            yield event


def record_tests(refresh: RefreshResource, run_id: str, as_of: date, invocation: DbtCliInvocation) -> None:
    """Keep the outcome of every dbt test."""
    nodes = refresh.manifest.content["nodes"]
    found = []
    for result in _results(invocation):
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") != "test":
            continue
        found.append(
            CheckResult(
                gate="dbt",
                entity=(node.get("attached_node") or node["fqn"][-1]).split(".")[-1],
                check_name=node["name"],
                business_date=as_of,
                status=_STATUS[result["status"]],
                severity=node["config"]["severity"].lower(),
                observed=f"{result['failures'] or 0} rows"
                if result["status"] != "error"
                else result["message"],
                expected="0 rows",
                examples=_examples(refresh.settings, result),
            )
        )
    refresh.record_checks(run_id, "dbt", found)


def _examples(settings: Settings, result: Mapping[str, Any]) -> tuple[str, ...]:
    return failing_rows(settings, result["compiled_code"]) if result["status"] in ("fail", "warn") else ()


def problems(settings: Settings, invocation: DbtCliInvocation) -> str:
    """What failed, one line each, and the rows for which a test does."""
    lines = []
    for result in _results(invocation):
        if result["status"] in ("fail", "error"):
            lines.append(f"  {result['unique_id']}: {result['message']}")
            lines += [f"    {row}" for row in _examples(settings, result)]
    return (
        "\n".join(lines)
        or f"  dbt ended early{_killed_by(invocation)}; see {invocation.target_path}/logs"
    )


def _killed_by(invocation: DbtCliInvocation) -> str:
    code = invocation.process.returncode
    return f", killed by {signal.Signals(-code).name}" if code and code < 0 else ""


def _results(invocation: DbtCliInvocation) -> list[dict[str, Any]]:
    # dbt writes them at its end; one that was killed, by the system for its memory say, has none.
    if not (invocation.target_path / "run_results.json").exists():
        return []
    results: list[dict[str, Any]] = invocation.get_artifact("run_results.json")["results"]
    return results
