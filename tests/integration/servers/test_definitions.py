"""Dagster's view of the data flow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from clientele.contracts import load_contracts
from clientele.settings import ROOT, Settings
from orchestration.building import dbt_runner

DASHBOARDS = [file.parent.name for file in (ROOT / "superset" / "assets").glob("dashboards/*/dashboard.yaml")]


@pytest.fixture(scope="module")
def definitions(tiny_home: Path) -> dg.Definitions:
    os.environ["CLIENTELE_HOME"] = str(tiny_home)
    from orchestration.definitions import clientele

    loaded = clientele()
    del os.environ["CLIENTELE_HOME"]
    return loaded


def test_importing_does_no_work(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import orchestration.definitions"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CLIENTELE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_asset_has_a_group_an_owner_and_a_description(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    lacking = [
        key.to_user_string()
        for key in graph.materializable_asset_keys
        if not (
            graph.get(key).group_name != "default" and graph.get(key).owners and graph.get(key).description
        )
    ]
    assert lacking == []


def test_both_gates_block(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    gates = {key for key in graph.asset_check_keys if key.name in ("gate_1", "gate_2")}
    assert len(gates) == len(load_contracts()) + 1
    assert all(graph.get_check_spec(key).blocking for key in gates)


def test_no_asset_follows_a_mart_but_the_release(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    release = graph.get(dg.AssetKey(["serving", "release"]))
    assert release.parent_keys == {dg.AssetKey(["serving", "release_candidate"])}


def test_dashboards_and_datasets_stand_on_the_marts(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for slug in DASHBOARDS:
        assert graph.get(dg.AssetKey(["superset", "dashboard", slug])).kinds == {"superset"}
    flow = graph.get(dg.AssetKey(["superset", "dataset", "executive-overview", "lifecycle_flow"]))
    release = dg.AssetKey(["serving", "release"])
    assert flow.parent_keys == {dg.AssetKey(["fct_lifecycle_transitions"]), release}
    assert flow.child_keys == {dg.AssetKey(["superset", "dashboard", "executive-overview"])}


def test_no_refresh_waits_for_superset(definitions: dg.Definitions) -> None:
    refreshed = definitions.resolve_job_def("refresh").asset_layer.selected_asset_keys
    shown = definitions.resolve_job_def("dashboards").asset_layer.selected_asset_keys
    assert shown == {key for key in shown if key.path[0] == "superset"}
    assert not refreshed & shown
    graph = definitions.resolve_asset_graph()
    assert refreshed | shown == graph.materializable_asset_keys


def test_dashboards_are_exposures_of_dbt(definitions: dg.Definitions, tiny_home: Path) -> None:
    manifest = dbt_runner.manifest(Settings(home=tiny_home))
    names = {exposure["config"]["meta"]["dashboard"] for exposure in manifest.dashboards}
    assert names == set(DASHBOARDS)
    for exposure in manifest.dashboards:
        tables = {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]}
        assert tables <= manifest.public_models.keys()


def test_the_morning_refresh_runs_at_the_time_of_policy(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("morning_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 5 * * *", "Asia/Shanghai")
    assert definitions.resolve_sensor_def("delivery_arrived").minimum_interval_seconds == 60
