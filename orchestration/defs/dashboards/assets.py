"""Superset's dashboards and their datasets, built on the public tables and set up after a release."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from clientele.settings import ROOT
from orchestration.building import dbt_runner
from orchestration.processes import child
from orchestration.serve import SUPERSET_PYTHON

GROUP = "dashboards"
JOB = "dashboards"
PROVISION = ROOT / "superset" / "provision.py"
RELEASE = dg.AssetKey(["serving", "release"])


def specs(manifest: dbt_runner.Manifest) -> list[dg.AssetSpec]:
    """Every dashboard and every dataset, as dbt's exposures tell them."""
    found: dict[dg.AssetKey, dg.AssetSpec] = {}
    for exposure in manifest.dashboards:
        meta = exposure["config"]["meta"]
        owner = "team:" + exposure["owner"]["name"].lower().replace(" ", "-")
        shown = []
        for name, dataset in meta["datasets"].items():
            key = dg.AssetKey(["superset", "dataset", *name.split("/")])
            shown.append(key)
            found[key] = _spec(key, dataset["description"], owner, [dg.AssetKey([dataset["table"]]), RELEASE])
        key = dg.AssetKey(["superset", "dashboard", meta["dashboard"]])
        found[key] = _spec(key, f"{exposure['label']}. {exposure['description']}", owner, shown)
    return list(found.values())


def _spec(key: dg.AssetKey, description: str, owner: str, deps: list[dg.AssetKey]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key, deps=deps, description=description, owners=[owner], group_name=GROUP, kinds={"superset"}
    )


def dashboards(manifest: dbt_runner.Manifest) -> dg.AssetsDefinition:
    """All of them in one step: Superset is set up as a whole, and is quick where nothing changed.

    No step of a refresh (D-44): numbers are published whether or not somebody looks at them in Superset.
    """
    shown = specs(manifest)

    @dg.multi_asset(name="provision_superset", specs=shown)
    def provision(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        said = call_superset(PROVISION)
        context.log.info(said)
        for spec in shown:  # each dataset before the dashboards that show it
            yield dg.MaterializeResult(asset_key=spec.key, metadata={"said": said})

    return provision


def dashboards_job() -> Any:
    """Sets Superset up from its files."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.groups(GROUP),
        description="Set Superset up from superset/: database, datasets, charts, dashboards, roles.",
    )


def call_superset(script: Path, *arguments: str) -> str:
    """Run a script of ours with Superset's Python; return what it printed.

    Raises:
        dagster.Failure: It failed; the description is what it said.
    """
    # Not the path of Dagster's processes: our superset folder would stand beside the package of that name.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = child.bound([str(SUPERSET_PYTHON), str(script), *arguments])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise dg.Failure(f"{script.name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()
