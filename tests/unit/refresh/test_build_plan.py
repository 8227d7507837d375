"""Window arithmetic: what a run computes, given what was built and what the lake holds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from orchestration.building import warehouse
from orchestration.building.build_plan import BuildState, plan_build
from orchestration.defs.resources import RefreshResource

D1, D2, D3, D4, D5 = (date(2025, 3, day) for day in range(1, 6))


def built(*days: date, version: str = "m") -> BuildState:
    return BuildState(version, max(days), dict.fromkeys(days, "v1"))


def test_the_first_build_covers_everything_in_the_lake() -> None:
    plan = plan_build(None, {D1: "v1", D2: "v1", D3: "v1"}, "m", D2, D3)
    assert (plan.window_start, plan.as_of, plan.deliveries) == (D1, D3, ((D1, D3),))
    assert plan.is_rebuild


def test_the_next_day_computes_the_next_day() -> None:
    plan = plan_build(built(D1, D2), {D1: "v1", D2: "v1", D3: "v1"}, "m", D3, D3)
    assert (plan.window_start, plan.as_of, plan.deliveries) == (D3, D3, ((D3, D3),))
    assert not plan.is_rebuild


def test_a_redelivery_computes_from_its_day_but_replaces_its_facts_only() -> None:
    plan = plan_build(built(D1, D2, D3), {D1: "v1", D2: "v2", D3: "v1"}, "m", D2, D2)
    assert (plan.window_start, plan.as_of, plan.deliveries) == (D2, D3, ((D2, D2),))


def test_days_without_a_delivery_are_computed_without_a_gap() -> None:
    plan = plan_build(built(D1), {D1: "v1", D4: "v1"}, "m", D4, D4)
    assert (plan.window_start, plan.as_of, plan.deliveries) == (D2, D4, ((D4, D4),))


def test_a_run_after_a_killed_one_takes_up_what_that_had_loaded() -> None:
    plan = plan_build(built(D1, D2), {D1: "v1", D2: "v1", D3: "v1", D4: "v1"}, "m", D4, D4)
    assert (plan.window_start, plan.deliveries) == (D3, ((D3, D4),))


def test_an_older_window_does_not_take_the_warehouse_back() -> None:
    plan = plan_build(built(D1, D2, D3), {D1: "v1", D2: "v1", D3: "v1"}, "m", D1, D2)
    assert (plan.window_start, plan.as_of, plan.deliveries) == (D1, D3, ((D1, D2),))


def test_later_deliveries_than_asked_for_stay_out() -> None:
    plan = plan_build(None, {D1: "v1", D2: "v1", D5: "v1"}, "m", D1, D2)
    assert plan.as_of == D2
    assert set(plan.target.deliveries) == {D1, D2}


def test_new_models_rebuild_everything() -> None:
    plan = plan_build(built(D1, D2), {D1: "v1", D2: "v1"}, "new", D2, D2)
    assert plan.is_rebuild
    assert plan.window_start == D1


def test_a_delivery_before_the_first_rebuilds_everything() -> None:
    plan = plan_build(built(D2, D3), {D1: "v1", D2: "v1", D3: "v1"}, "m", D1, D1)
    assert plan.is_rebuild
    assert (plan.window_start, plan.as_of) == (D1, D3)


def test_separate_redeliveries_stay_separate_ranges() -> None:
    lake = {D1: "v2", D2: "v1", D3: "v2", D4: "v2", D5: "v1"}
    plan = plan_build(built(D1, D2, D3, D4, D5), lake, "m", D1, D1)
    assert plan.deliveries == ((D1, D1), (D3, D4))


def test_an_empty_lake_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing is loaded"):
        plan_build(None, {}, "m", D1, D2)


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(built(D1, D2).to_json())
    assert BuildState.read(file) == built(D1, D2)
    assert BuildState.read(tmp_path / "absent.json") is None


def test_states_with_the_same_content_have_the_same_id() -> None:
    assert built(D1, D2).id == BuildState("m", D2, {D2: "v1", D1: "v1"}).id
    assert built(D1, D2).id != built(D1, D2, version="n").id


def test_the_models_get_the_plan_as_their_clock() -> None:
    plan = plan_build(built(D1, D2, D3), {D1: "v1", D2: "v2", D3: "v1"}, "m", D2, D2)
    assert json.loads(plan.environment()["DBT_REFRESHED"]) == {
        "window_start": "2025-03-02",
        "as_of_date": "2025-03-03",
        "deliveries": [["2025-03-02", "2025-03-02"]],
    }


def test_every_step_of_a_run_has_the_same_plan_whatever_was_built_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTELE_HOME", str(tmp_path))
    states: list[BuildState | None] = [None]
    monkeypatch.setattr(warehouse, "built_state", lambda settings: states[-1])
    monkeypatch.setattr(warehouse, "loaded_versions", lambda *_: {D1: "v1", D2: "v1"})
    refresh = RefreshResource()
    before_the_models = refresh.plan(D1, D2)
    states.append(before_the_models.target)
    assert refresh.plan(D1, D2) is before_the_models
    assert RefreshResource().plan(D1, D2) != before_the_models
