"""Superset is set up again when its files changed, once for each change, and never where it was not yet."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.building import dbt_runner
from orchestration.defs.dashboards import assets, sensor

KEYS = [dg.AssetKey(["superset", "dashboard", "executive-overview"])]
SHOWN = "f" * 64


class Shown(dbt_runner.Manifest):
    """A manifest with nothing but dashboards."""

    def __init__(self, dashboards: list[dict[str, Any]]) -> None:
        super().__init__(Path("nowhere"))
        self.__dict__["dashboards"] = dashboards


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home where Superset was set up; what it says of pending changes is the test's."""
    monkeypatch.setenv("CLIENTELE_HOME", str(tmp_path))
    monkeypatch.setattr(sensor, "SUPERSET_PYTHON", Path(sys.executable))
    (tmp_path / "superset").mkdir()
    (tmp_path / "superset" / "provisioned.json").write_text(json.dumps({"fingerprint": SHOWN}))
    _say(monkeypatch, "")
    return tmp_path


def _say(monkeypatch: pytest.MonkeyPatch, pending: str) -> None:
    monkeypatch.setattr(sensor, "call_superset", lambda *_: pending)


def _look(cursor: str | None = None) -> dg.SensorResult:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        found = sensor.dashboards_changed(KEYS)(context)
    assert isinstance(found, dg.SensorResult)
    return found


def test_a_change_starts_one_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _say(monkeypatch, "another-key")
    found = _look(cursor=SHOWN)
    assert [request.run_key for request in found.run_requests or []] == ["another-key"]


def test_what_somebody_else_set_up_is_noted_once(home: Path) -> None:
    found = _look()
    assert [event.asset_key for event in found.asset_events or []] == KEYS
    assert found.cursor == SHOWN
    again = _look(cursor=found.cursor)
    assert not again.asset_events
    assert "is up to date with its files" in str(again.skip_reason)


def test_what_a_run_of_the_job_set_up_is_not_noted_again(home: Path) -> None:
    assert not _look(cursor=f"{SHOWN}-inventory").asset_events


def test_where_superset_was_never_set_up_nothing_happens(home: Path) -> None:
    (home / "superset" / "provisioned.json").unlink()
    assert "make serve" in str(_look().skip_reason)


def test_the_job_sets_up_datasets_and_then_the_dashboards_that_show_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assets, "call_superset", lambda *_: "Superset is provisioned; nothing changed.")
    datasets = {
        "alerts": {"table": "fct_alerts", "description": "Alerts."},
        "desk/own": {"table": "fct_own", "description": "Own."},
    }
    desk = {
        "label": "Desk 台",
        "description": "What is to be done.",
        "owner": {"name": "Business Intelligence"},
        "config": {"meta": {"dashboard": "desk", "datasets": datasets}},
    }
    done = dg.materialize([assets.dashboards(Shown([desk]))])
    keys = [
        event.asset_key.to_user_string()
        for event in done.get_asset_materialization_events()
        if event.asset_key
    ]
    assert keys == ["superset/dataset/alerts", "superset/dataset/desk/own", "superset/dashboard/desk"]


def test_a_script_that_fails_fails_the_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "SUPERSET_PYTHON", Path(sys.executable))
    script = tmp_path / "provision.py"
    script.write_text("import os, sys; print(os.environ.get('PYTHONPATH')); sys.exit(int(sys.argv[1]))")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    assert assets.call_superset(script, "0") == "None"
    with pytest.raises(dg.Failure, match=r"provision\.py ended with 2"):
        assets.call_superset(script, "2")
