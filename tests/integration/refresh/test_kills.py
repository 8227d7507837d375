"""Killing a refresh or a part of it amid the models: what writes is gone at once, the next converges."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings
from orchestration import releases
from orchestration.building import dbt_runner
from tests.building import OPERATIONAL
from tests.conftest import Shared, run_module
from tests.deliveries import deliver_empty_day
from tests.unit.refresh.test_child import is_running, wait_until_gone

REFRESH = "orchestration.refresh"
NEXT_DAY = "2026-01-01"
IN_THE_MIDDLE = "models: 40 of"


def served(home: Path) -> dict[str, str]:
    """Checksums of the business tables readers see."""
    settings = Settings(home=home)
    release = releases.current(settings)
    assert release is not None
    tables = set(dbt_runner.manifest(settings).public_models) - OPERATIONAL
    return releases.checksums(release.file, tables)


def start_and_wait_for_the_models(home: Path) -> tuple[subprocess.Popen[str], int]:
    """A refresh in the middle of the models, and the process id of its dbt."""
    running = subprocess.Popen(
        [sys.executable, "-m", REFRESH],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith(IN_THE_MIDDLE):
            break
    dbt = int((home / "models.lock").read_text())
    assert is_running(dbt)
    return running, dbt


@pytest.fixture
def due_home(fresh_home: Path) -> Path:
    """The published tiny bank with one more day delivered."""
    deliver_empty_day(fresh_home, NEXT_DAY)
    return fresh_home


@pytest.fixture(scope="session")
def expected(tiny_home: Path, shared: Shared) -> dict[str, str]:
    """What readers see after a refresh of that day that nobody disturbed."""

    def publish(home: Path) -> None:
        shutil.copytree(tiny_home, home, symlinks=True)
        deliver_empty_day(home, NEXT_DAY)
        run_module(REFRESH, home=home)

    return served(shared("tiny-home-next-day", publish))


@pytest.mark.parametrize("next_refresh", ["goes on", "rebuilds"])
def test_dbt_ends_with_a_refresh_that_is_killed_alone(
    due_home: Path, expected: dict[str, str], next_refresh: str
) -> None:
    before = served(due_home)
    running, dbt = start_and_wait_for_the_models(due_home)
    os.kill(running.pid, signal.SIGKILL)
    if next_refresh == "rebuilds":
        (due_home / "warehouse" / "state.json").unlink()
    # At once: dbt of the killed refresh may still be on its way out.
    following = subprocess.Popen(
        [sys.executable, "-m", REFRESH],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(due_home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until_gone({dbt}, 1)
    running.wait()
    assert served(due_home) == before, "readers saw an unfinished refresh"
    printed, _ = following.communicate()
    assert following.returncode == 0
    assert ("first build" in printed) == (next_refresh == "rebuilds")
    assert served(due_home) == expected


def test_a_refresh_whose_dbt_is_killed_says_so_and_the_next_converges(
    due_home: Path, expected: dict[str, str]
) -> None:
    running, dbt = start_and_wait_for_the_models(due_home)
    os.kill(dbt, signal.SIGKILL)
    _, errors = running.communicate()
    assert running.returncode == 1
    assert errors.count("dbt ended early") == 1
    assert "SIGKILL" in errors
    assert "Traceback" not in errors
    run_module(REFRESH, home=due_home)
    assert served(due_home) == expected


def test_dbt_ends_with_a_refresh_whose_group_is_told_to_stop(
    due_home: Path, expected: dict[str, str]
) -> None:
    running, dbt = start_and_wait_for_the_models(due_home)
    os.killpg(running.pid, signal.SIGTERM)
    _, errors = running.communicate(timeout=30)
    wait_until_gone({dbt}, 1)
    assert running.returncode != 0
    assert "Traceback" not in errors
    run_module(REFRESH, home=due_home)
    assert served(due_home) == expected
