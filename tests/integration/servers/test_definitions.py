"""Dagster's view of the way of the data."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from clientele.contracts import load_contracts
from clientele.settings import ROOT


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


def test_the_morning_refresh_runs_at_the_time_of_policy(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("morning_refresh")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 5 * * *", "Asia/Shanghai")
    assert definitions.resolve_sensor_def("delivery_arrived").minimum_interval_seconds == 60
