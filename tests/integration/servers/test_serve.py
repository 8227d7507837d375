"""`make serve`: both servers answer, on loopback only, refresh what arrives, and stop when told."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings
from orchestration import releases
from orchestration.processes import child
from orchestration.processes.refresh_lock import refresh_lock
from tests.conftest import open_to_others, run_module
from tests.deliveries import deliver_empty_day

NEXT_DAY = "2026-01-01"
ARRIVAL_SECONDS = 420
"""The sensor looks once a minute; the refresh takes about one more."""
LEFT_SECONDS = 25
"""By then nothing that served a home may be left, whatever ended it."""
READY = "Ctrl-C stops everything"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening_addresses(processes: set[int]) -> set[str]:
    """The addresses, as the kernel writes them, on which some processes accept connections."""
    inodes = set()
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            target = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
            inodes |= {target[1]} if target else set()
    listening = "0A"
    return {
        fields[1].partition(":")[0]
        for table in ("tcp", "tcp6")
        for fields in (line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == listening and fields[9] in inodes
    }


def await_release(home: Path, day: str) -> None:
    """Wait until the data of a day are what readers see."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < deadline:
        shown = releases.current(Settings(home=home))
        if shown and shown.state.as_of == date.fromisoformat(day):
            return
        time.sleep(1)
    log = (home / "logs" / "dagster-daemon.log").read_text(encoding="utf-8")
    raise AssertionError(f"{day} is not published after {ARRIVAL_SECONDS} s: {log[-4000:]}")


@dataclass
class Serving:
    """`make serve` on a home, in a process group of its own as from a terminal.

    Attributes:
        home: The home.
        process: The command.
        ports: The environment variables that name its ports.
        printed: What it has printed until it was ready.
    """

    home: Path
    process: subprocess.Popen[str]
    ports: dict[str, str]
    printed: str = ""

    def wait_for(self, text: str) -> None:
        """Read what it prints up to a text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if text in line:
                return
        raise AssertionError(f"ended with {self.process.wait()}: {self.printed}")


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `make serve`; what a failed test leaves running ends with it."""
    started: list[Serving] = []

    def starter(home: Path, *arguments: str) -> Serving:
        started.append(_start(home, *arguments))
        return started[-1]

    yield starter
    for serving in started:
        serving.process.kill()
        serving.process.wait()


def _start(home: Path, *arguments: str) -> Serving:
    ports = {"CLIENTELE_SUPERSET_PORT": str(free_port()), "CLIENTELE_DAGSTER_PORT": str(free_port())}
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.serve", *arguments],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(home), **ports},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        umask=0,
    )
    return Serving(home, process, ports)


Start = Callable[..., Serving]


def processes_on(home: Path) -> dict[int, str]:
    """Processes whose command line or environment names a home, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            if str(home).encode() in command + (entry / "environ").read_bytes():
                found[int(entry.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError, PermissionError):
            continue  # no process, or not one of this user
    return found


def assert_nothing_is_left(home: Path) -> None:
    deadline = time.monotonic() + LEFT_SECONDS
    while left := processes_on(home):
        assert time.monotonic() < deadline, f"still running after {LEFT_SECONDS} s: {left}"
        time.sleep(0.2)


def test_both_servers_answer_on_loopback_only_and_a_delivery_is_refreshed(
    fresh_home: Path, start: Start
) -> None:
    serving = start(fresh_home)
    try:
        serving.wait_for(READY)
        port = serving.ports["CLIENTELE_SUPERSET_PORT"]
        assert f"http://127.0.0.1:{port}/superset/dashboard/executive-overview/" in serving.printed
        assert "Data as of   2025-12-31" in serving.printed
        for port in serving.ports.values():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert answer.status == 200
        loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
        found = listening_addresses(child.descendants(serving.process.pid))
        assert found
        assert found <= loopback
        again = run_module("orchestration.serve", home=fresh_home, check=False)
        assert again.returncode == 75
        assert f"process {serving.process.pid}" in again.stderr
        assert all(f"http://127.0.0.1:{port}" in again.stderr for port in serving.ports.values())
        # Nobody starts this refresh: the arrival sensor does.
        deliver_empty_day(fresh_home, NEXT_DAY)
        await_release(fresh_home, NEXT_DAY)
    finally:
        # Ctrl-C, and again by somebody who has no patience.
        os.killpg(serving.process.pid, signal.SIGINT)
        time.sleep(0.5)
        os.killpg(serving.process.pid, signal.SIGINT)
        rest, _ = serving.process.communicate(timeout=LEFT_SECONDS)
    assert serving.process.returncode == 0
    assert rest.split() == ["stopping"]
    assert_nothing_is_left(fresh_home)
    # The day was delivered by the test.
    assert [path for path in open_to_others(fresh_home) if "landing" not in path] == []


def test_servers_end_with_a_parent_that_is_killed_and_the_next_starts(fresh_home: Path, start: Start) -> None:
    serving = start(fresh_home)
    serving.wait_for(READY)
    servers = processes_on(fresh_home)
    assert len(servers) > 6
    serving.process.kill()
    serving.process.wait()
    # At once, while the servers are still stopping; and a supervisor that stops the whole group, twice.
    following = start(fresh_home)
    following.wait_for(READY)
    assert not servers.keys() & processes_on(fresh_home).keys()
    for _ in range(2):
        os.killpg(following.process.pid, signal.SIGTERM)
        time.sleep(0.2)
    following.process.communicate(timeout=LEFT_SECONDS)
    assert following.process.returncode == 0
    assert_nothing_is_left(fresh_home)


@pytest.mark.parametrize(
    ("number", "to_the_group", "times", "code"),
    [
        (signal.SIGINT, True, 3, 130),
        (signal.SIGTERM, True, 2, 143),
        (signal.SIGHUP, True, 2, 129),
        (signal.SIGKILL, False, 1, -9),
    ],
)
def test_a_step_ends_with_the_command(
    start: Start,
    tiny_landing: Path,
    tmp_path: Path,
    number: signal.Signals,
    to_the_group: bool,
    times: int,
    code: int,
) -> None:
    home = tmp_path / "home"
    shutil.copytree(tiny_landing, home)
    serving = start(home, "--sample", "--refresh")
    serving.wait_for("branches 2024-11-01")
    assert len(processes_on(home)) >= 3
    for _ in range(times):
        (os.killpg if to_the_group else os.kill)(serving.process.pid, number)
        time.sleep(0.05)
    rest, _ = serving.process.communicate(timeout=LEFT_SECONDS)
    assert serving.process.returncode == code
    told = [line for line in rest.splitlines() if line and "loaded" not in line]
    assert told == (
        [] if number == signal.SIGKILL else [f"stopped by {number.name}; nothing is left running"]
    )
    assert_nothing_is_left(home)
    with refresh_lock(Settings(home=home)):
        pass


def test_a_port_in_use_is_named_before_anything_starts(fresh_home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        variables = {"CLIENTELE_SUPERSET_PORT", "CLIENTELE_DAGSTER_PORT"}
        for variable in variables:
            ports = {name: str(free_port()) for name in variables} | {variable: str(port)}
            done = subprocess.run(
                [sys.executable, "-m", "orchestration.serve"],
                cwd=ROOT,
                env={**os.environ, "CLIENTELE_HOME": str(fresh_home), **ports},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 1
            assert done.stdout == ""
            assert done.stderr == (
                f"error: port {port} cannot be used (Address already in use); set {variable} to a free one\n"
            )
    assert not (fresh_home / "superset").exists()
