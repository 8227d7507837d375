"""Programs end with the process that started them: real processes, however they are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings
from orchestration.processes import child, refresh_lock
from orchestration.processes.locks import file_lock

STUBBORN = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
open(sys.argv[1] + str(os.getpid()), "w").close()
time.sleep(600)
"""
"""Ignores every polite signal, and so does its grandchild: an orphan in a session of its own."""

POLITE = """
import signal, sys, time
def stop(number, frame):
    time.sleep(0.3)
    open(sys.argv[1] + "stopped", "w").close()
    sys.exit(7)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1] + "ready", "w").close()
time.sleep(600)
"""

PARENT = """
import subprocess, sys, time
from orchestration.processes import child
program, mark, seconds = sys.argv[1:]
command = child.kept([sys.executable, "-c", program, mark], float(seconds))
keeper = subprocess.Popen(command, start_new_session=True)
print(keeper.pid, flush=True)
sys.exit(keeper.wait())
"""

HOLDER = """
import subprocess, sys, time
from pathlib import Path
from orchestration.processes.refresh_lock import refresh_lock, with_the_lock
from clientele.settings import Settings
settings = Settings(home=Path(sys.argv[1]))
with refresh_lock(settings):
    models = subprocess.Popen([*with_the_lock(settings), "sleep", "600"])
    print(models.pid, flush=True)
    time.sleep(600)
"""


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_gone(processes: set[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(is_running(process) for process in processes):
        assert time.monotonic() < deadline, f"still running after {seconds} s: {processes}"
        time.sleep(0.02)


def wait_for(folder: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 20
    while len(names := sorted(file.name for file in folder.iterdir())) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return names


def start(program: str, folder: Path, seconds: float) -> tuple[subprocess.Popen[str], int]:
    """A parent that starts a program under a keeper; the parent and the keeper's process id."""
    folder.mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, program, f"{folder}/", str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def end(parent: subprocess.Popen[str], keeper: int, how: str) -> None:
    if how == "parent is killed":
        parent.kill()
    elif how == "keeper is told":
        os.kill(keeper, signal.SIGTERM)
    elif how == "keeper is told again and again":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(keeper, number)
    elif how == "a terminal closes":
        os.killpg(keeper, signal.SIGHUP)


@pytest.mark.parametrize(
    "how", ["parent is killed", "keeper is told", "keeper is told again and again", "a terminal closes"]
)
def test_nothing_is_left_of_a_program_that_ignores_every_signal(tmp_path: Path, how: str) -> None:
    parent, keeper = start(STUBBORN, tmp_path / "marks", 0.5)
    programs = {int(name) for name in wait_for(tmp_path / "marks", 2)}
    assert all(is_running(process) for process in programs)
    end(parent, keeper, how)
    wait_until_gone({keeper, *programs}, 3)
    parent.wait(5)


def test_a_program_that_stops_when_told_gets_the_time_to(tmp_path: Path) -> None:
    parent, keeper = start(POLITE, tmp_path / "marks", 10)
    wait_for(tmp_path / "marks", 1)
    parent.kill()
    parent.wait()
    wait_until_gone({keeper}, 3)
    assert wait_for(tmp_path / "marks", 2) == ["ready", "stopped"]


def test_a_program_dies_with_its_keeper(tmp_path: Path) -> None:
    parent, keeper = start(POLITE, tmp_path / "marks", 10)
    wait_for(tmp_path / "marks", 1)
    programs = child.descendants(keeper)
    assert len(programs) == 1
    os.kill(keeper, signal.SIGKILL)
    wait_until_gone(programs, 1)
    assert parent.wait(5) == -signal.SIGKILL % 256


def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    parent, keeper = start(STUBBORN, tmp_path / "marks", 0.2)
    programs = {int(name) for name in wait_for(tmp_path / "marks", 2)}
    (first,) = (pid for pid in programs if os.getpgid(pid) == keeper)
    os.kill(first, signal.SIGKILL)
    wait_until_gone(programs, 3)
    assert parent.wait(5) == 128 + signal.SIGKILL


def test_a_keeper_passes_the_exit_code_on() -> None:
    done = subprocess.run(child.kept([sys.executable, "-c", "raise SystemExit(75)"], 1), check=False)
    assert done.returncode == 75


def test_a_program_is_not_started_for_a_parent_that_is_gone(tmp_path: Path) -> None:
    for command in (
        child.bound(["touch", str(tmp_path / "x")]),
        child.kept(["touch", str(tmp_path / "x")], 1),
    ):
        stranger = [argument if argument != str(os.getpid()) else "1" for argument in command]
        done = subprocess.run(stranger, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "is gone" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_only_the_holder_of_the_lock_may_start_the_models(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    (tmp_path / "refresh.lock").write_text("1")
    done = subprocess.run([*refresh_lock.with_the_lock(settings), "touch", str(tmp_path / "x")], check=False)
    assert done.returncode == 1
    assert not (tmp_path / "x").exists()
    with refresh_lock.refresh_lock(settings):
        subprocess.run([*refresh_lock.with_the_lock(settings), "touch", str(tmp_path / "x")], check=True)
    assert (tmp_path / "x").exists()


def open_files(process: int) -> list[Path]:
    """What a process can still write to: one that ends closes files and locks before it is gone."""
    try:
        return list(Path(f"/proc/{process}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return []


def test_when_the_lock_is_free_what_its_holder_started_is_gone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for _ in range(10):
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        models = int(holder.stdout.readline())
        while (tmp_path / "models.lock").read_text() != str(models):
            time.sleep(0.01)
        holder.kill()
        with refresh_lock.refresh_lock(settings, wait_seconds=10):
            assert not open_files(models)
        holder.wait()


def test_a_program_of_the_models_that_does_not_end_keeps_the_next_refresh_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_lock, "MODELS_END_SECONDS", 0.3)
    with (
        file_lock(tmp_path / "models.lock", holder="4711"),
        pytest.raises(refresh_lock.RefreshRunningError, match="4711"),
        refresh_lock.refresh_lock(Settings(home=tmp_path)),
    ):
        raise AssertionError("the lock was given away")
