"""The chaos test notices what it is there to notice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from clientele.settings import ROOT, WAREHOUSE_FILE, Settings
from tests.chaos import judging, plan, reader, report
from tests.chaos.plan import Rehearsal, Trial
from tests.chaos.trial import Outcome

FIVE_STEPS = """
import os, sys
from pathlib import Path
import pyarrow, pyarrow.parquet
from tests.chaos.programs.steps import KillPoint, Steps
home, step, victim = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.setpgid(0, 0)
Steps(home, "rollback", home.parent / "log", KillPoint("rollback", step, victim)).arm()
(home.parent / "outside").write_text("")
(home / "folder").mkdir()
(home / "folder" / "1").write_text("")
(home / "folder" / "1").rename(home / "2")
if os.fork() == 0:
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), home / "3")
    os._exit(0)
os.wait()
(home / "2").unlink()
"""
KINDS = {("next_day", "refresh"): {"load": 9, "build": 50, "publish": 7, "prune": 3, "history": 2},
         ("next_day", "rollback"): {"rollback": 4},
         ("next_day", "provision"): {"provision": 12}}  # fmt: skip


def killed(home: Path, step: int, victim: str) -> int:
    home.mkdir()
    return subprocess.run(
        [sys.executable, "-c", FIVE_STEPS, str(home), str(step), victim], cwd=ROOT, check=False
    ).returncode


@pytest.mark.parametrize(
    ("step", "left"),
    [(1, []), (2, ["folder"]), (3, ["folder", "folder/1"]), (5, ["2", "3", "folder"]), (6, ["3", "folder"])],
)
def test_a_kill_comes_before_its_step_and_nothing_after(tmp_path: Path, step: int, left: list[str]) -> None:
    code = killed(tmp_path / "home", step, "process")
    assert code == (0 if step == 6 else -signal.SIGKILL)
    assert sorted(judging.paths(tmp_path / "home")) == left


@pytest.mark.parametrize(("victim", "code"), [("process", 0), ("group", -signal.SIGKILL)])
def test_a_step_of_a_child_counts_and_its_group_can_go_with_it(
    tmp_path: Path, victim: str, code: int
) -> None:
    assert killed(tmp_path / "home", 4, victim) == code
    assert not (tmp_path / "home" / "3").exists()
    assert len((tmp_path / "log").read_text().splitlines()) == (5 if victim == "process" else 4)


def test_what_a_kill_left_is_told_with_its_folder_once(tmp_path: Path) -> None:
    run = "0f8fad5b-d9cb-469f-a165-70867728950e"
    for file in ("lake/operations/refreshes/{}.tmp", "lake/_incoming/a/b", "landing/x", "lake/raw/kept"):
        path = tmp_path / file.format(run)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    expected = {"lake", "lake/operations", "lake/operations/refreshes", "lake/raw", "refresh.lock"}
    assert judging.stray(judging.paths(tmp_path), expected | {"lake/raw/kept"}) == [
        "stray lake/_incoming",
        "stray lake/operations/refreshes/<run>.tmp",
        "missing refresh.lock",
    ]


def test_only_runs_releases_and_signatures_may_have_other_names(tmp_path: Path) -> None:
    for home, run, release, signature in (("a", "1", "000003", "b"), ("b", "2", "000004", "c")):
        for file in (
            f"lake/operations/checks/{run * 8}-d9cb-469f-a165-70867728950e-dbt.parquet",
            f"serving/releases/{release}-20250101/state.json",
            f"lake/audit/accounts/business_date=2025-01-01/{'a' * 12}-{signature * 12}-{'d' * 12}.parquet",
        ):
            path = tmp_path / home / file
            path.parent.mkdir(parents=True)
            path.touch()
    first, second = judging.paths(tmp_path / "a"), judging.paths(tmp_path / "b")
    assert first == second
    audit = tmp_path / "b" / "lake" / "audit" / "accounts" / "business_date=2025-01-01"
    (audit / f"{'e' * 12}-{'b' * 12}-{'d' * 12}.parquet").touch()
    assert len(judging.stray(judging.paths(tmp_path / "b"), first)) == 1


def test_half_a_release_and_too_many_are_told(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, releases_kept=2)
    for number in range(1, 5):
        folder = settings.serving / "releases" / f"{number:06}-20250101"
        folder.mkdir(parents=True)
        (folder / "state.json").touch()
        if number > 1:
            (folder / WAREHOUSE_FILE).touch()
    assert judging.broken_releases(settings) == [
        "release 000001-20250101 holds ['state.json']",
        "4 releases are on disk",
    ]


def test_another_row_is_told() -> None:
    assert judging.differences({"a": "1", "b": "2"}, {"a": "1", "b": "3"}) == ["b is 2 instead of 3"]
    assert judging.differences({}, {"a": "1"}) == ["a is None instead of 1"]


@pytest.mark.parametrize(
    ("middle", "release", "problem"),
    [("2025-01-02", "000002-20250102", None), ("2025-01-01", "000002-20250102", "mixture"),
     ("2025-01-02", "000001-20250101", "mixture")],
)  # fmt: skip
def test_a_reader_notices_tables_of_two_releases(
    tmp_path: Path, middle: str, release: str, problem: str | None
) -> None:
    file = tmp_path / WAREHOUSE_FILE
    with duckdb.connect(str(file)) as connection:
        for table, day in (("dim_customers", "2025-01-02"), ("fct_alert_evaluations", middle)):
            connection.execute(f"create table {table} as select date '{day}' as as_of_date")
        connection.execute(f"""
            create table fct_refreshes as
            select date '2025-01-02' as as_of_date, '{release}' as release_id, now() as published_at
        """)
    found = reader.look(file)
    assert found is None if problem is None else problem in str(found)


def test_a_reader_notices_that_there_is_nothing(tmp_path: Path) -> None:
    assert "reader:" in str(reader.look(tmp_path / "current" / WAREHOUSE_FILE))


def rehearsals() -> dict[tuple[str, str], Rehearsal]:
    return {key: Rehearsal(10, steps, {}, {}) for key, steps in KINDS.items()}


def test_equal_seeds_kill_at_equal_places() -> None:
    first, again, other = (plan.trials(seed, 40, rehearsals()) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_small_stages_are_covered_whole_before_large_ones_get_more() -> None:
    chosen = plan.trials(1, 60, rehearsals(), provisions=4)
    steps = {(trial.stage, trial.step) for trial in chosen if trial.command == "refresh" and trial.step}
    assert {("publish", step) for step in range(1, 8)} < steps
    assert {("prune", step) for step in range(1, 4)} < steps
    assert {("load", step) for step in range(1, 10)} < steps
    assert len({trial.number for trial in chosen}) == len(chosen) == 64
    assert {trial.victim for trial in chosen if trial.stage == "instant"} == set(plan.VICTIMS)
    assert sum(trial.command == "provision" for trial in chosen) == 4


def test_a_short_run_has_the_stages_that_readers_depend_on() -> None:
    stages = {trial.stage for trial in plan.trials(1, 7, rehearsals())}
    assert {"publish", "prune", "load", "build", "rollback", "instant"} <= stages


@pytest.mark.parametrize(
    ("problems", "is_killed", "is_failed"), [([], True, False), (["x"], True, True), ([], False, True)]
)
def test_a_trial_without_a_kill_is_no_success(problems: list[str], is_killed: bool, is_failed: bool) -> None:
    trial = Trial(1, "next_day", "refresh", "group", "load", 3)
    outcome = Outcome(trial, is_killed, problems, 5, 1.0)
    assert report.is_failed(outcome) == is_failed
    assert ("FAILED" in report.line(outcome)) == is_failed
    assert f"{int(is_killed)} kills in 1 of 1 trials, {int(is_failed)} failed" in report.summary(
        1, [outcome], 1, 2.0
    )
