"""Building warehouses from a lake without the servers: the models alone, window by window.

The refresh starts dbt anew each time, as it should; forty refreshes of one day would take half an hour.
These tests call dbt in this process with the parsed manifest instead. Everything else is the real thing:
the same lake, the same plan, the same models. The environment of this process is left as it was: tests that
start dbt would inherit the clock and the profile.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest as DbtManifest

from clientele.contracts import load_contracts
from clientele.settings import Settings
from orchestration import releases
from orchestration.building import dbt_runner, warehouse
from orchestration.building.build_plan import BuildState, plan_build
from orchestration.refreshes import operations

OPERATIONAL = {"fct_refreshes", "fct_data_quality"}
"""Tables that record what a refresh did; everything else is a function of deliveries and policy."""


class Warehouse:
    """A warehouse of its own on somebody else's lake."""

    def __init__(self, lake_of: Settings, home: Path) -> None:
        self.lake_of = lake_of
        # One thread: dbt's own work is nearly all of it, and other tests run beside.
        self.settings = replace(lake_of, home=home, threads=1)
        self.settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        operations.ensure_schemas(lake_of)
        self.state: BuildState | None = None
        self._environment = dbt_runner.environment(self.settings) | {
            "DBT_LAKE": dbt_runner.lake_pattern(lake_of.lake)
        }
        self._manifest = _manifest(self._environment)
        self.public = {
            node.name
            for node in self._manifest.nodes.values()
            if node.resource_type == "model" and node.access == "public"
        }

    def build(self, first: date, last: date) -> None:
        """Compute the window as a refresh of these dates would."""
        lake = warehouse.loaded_versions(self.lake_of, load_contracts())
        plan = plan_build(self.state, lake, "tests", first, last)
        # Policy does not change between the builds of one warehouse.
        left_out = ["unit_test", "test", *(["seed"] if self.state else [])]
        # A run leaves its compiled SQL in the manifest it was given.
        with patch.dict(os.environ, self._environment | plan.environment()):
            result = dbtRunner(manifest=self._manifest.deepcopy()).invoke(
                [
                    "--quiet", "--no-write-json", "build", "--exclude-resource-types", *left_out,
                    "--project-dir", str(dbt_runner.PROJECT),
                ]
            )  # fmt: skip
        # dbt keeps the file open for the next command of its process; readers need it closed.
        DuckDBConnectionManager.close_all_connections()
        failed = [item.node.name for item in result.result or [] if item.status not in ("success", "pass")]
        assert result.success, f"{result.exception} {failed}"
        self.state = plan.target

    def checksums(self) -> dict[str, str]:
        """Checksums of the public tables that the invariants speak of."""
        return releases.checksums(self.settings.warehouse, self.public - OPERATIONAL)


def _manifest(environment: dict[str, str]) -> DbtManifest:
    with patch.dict(os.environ, environment):
        result = dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(dbt_runner.PROJECT)])
    assert result.success, result.exception
    assert isinstance(result.result, DbtManifest)
    return result.result
