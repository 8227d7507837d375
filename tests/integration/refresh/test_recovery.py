"""A home on which something was broken, lost or forbidden, and the command that a person would run next."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clientele import policy
from clientele.policy import PolicyError
from clientele.settings import ROOT, Settings
from orchestration import refresh, releases
from orchestration.building import dbt_runner
from tests.conftest import run_module
from tests.deliveries import deliver_empty_day

REFRESH = "orchestration.refresh"
NEXT_DAY = "2026-01-01"
SMALL = 200_000
"""Bytes a file may grow to on a disk that is as good as full."""
PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2


def one_message(text: str) -> None:
    assert text.count("error:") == 1, text
    assert "Traceback" not in text
    assert "nanobind" not in text


def test_a_refresh_with_nothing_due_repairs_what_readers_need(fresh_home: Path) -> None:
    settings = Settings(home=fresh_home)
    shown = releases.current(settings)
    (settings.serving / "current").unlink()
    (settings.serving / "current").symlink_to("releases/gone")
    left = settings.scratch / "gate-killed" / "gate.duckdb"
    left.parent.mkdir(parents=True)
    left.write_text("left by a killed gate")
    manifest = settings.dbt_target / "project" / "manifest.json"
    manifest.write_text(manifest.read_text()[:1000])
    done = run_module(REFRESH, home=fresh_home)
    assert "serving/current did not point to it" in done.stdout
    assert "nothing to do" in done.stdout
    assert releases.current(settings) == shown
    assert not settings.scratch.exists()
    assert dbt_runner.manifest(settings).public_models


def test_a_full_disk_is_one_message_and_yesterday_stays(fresh_home: Path) -> None:
    settings = Settings(home=fresh_home)
    before = releases.current(settings)
    assert before
    deliver_empty_day(fresh_home, NEXT_DAY)
    done = subprocess.run(
        [sys.executable, "-m", REFRESH],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(fresh_home)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL)),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    one_message(done.stderr)
    assert "the disk is full" in done.stderr
    assert f"readers still see release {before.id}, data as of {before.state.as_of}" in done.stderr
    assert f"data as of {NEXT_DAY}" in run_module(REFRESH, home=fresh_home).stdout


def without_the_rights_of_root() -> None:
    """Let file modes bind this process and what it starts, also when it is root."""
    if os.getuid() == 0:
        for capability in (DAC_OVERRIDE, DAC_READ_SEARCH):
            if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError("a capability could not be dropped")


@pytest.mark.parametrize("forbidden", ["lake/raw/customers", "landing/customers"])
def test_a_folder_without_rights_is_one_message(fresh_home: Path, forbidden: str) -> None:
    deliver_empty_day(fresh_home, NEXT_DAY)
    (fresh_home / forbidden).chmod(0)
    done = subprocess.run(
        [sys.executable, "-m", REFRESH],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(fresh_home)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=without_the_rights_of_root,
    )
    (fresh_home / forbidden).chmod(0o700)
    assert done.returncode == 1, done.stdout + done.stderr
    one_message(done.stderr)
    assert "may not be read or written by this user" in done.stderr
    assert str(fresh_home / forbidden) in done.stderr


def test_policy_that_does_not_hold_is_told_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(policy.POLICY, folder)
    file = folder / "policy_parameters.csv"
    file.write_text(file.read_text().replace(",90,days,", ",90天,days,", 1))
    monkeypatch.setenv("CLIENTELE_HOME", str(tmp_path / "home"))
    original = policy.check
    monkeypatch.setattr(policy, "check", lambda: original(folder))
    with pytest.raises(PolicyError):
        policy.check()
    assert refresh.main([]) == 1
    said = capsys.readouterr()
    one_message(said.err)
    assert "policy_parameters.csv line" in said.err
    assert "90天" in said.err
    assert said.out == ""
