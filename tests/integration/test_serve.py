"""`make serve`: both servers answer, on loopback only, refresh what arrives, and stop when told."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path

from orchestration.lib import releases
from orchestration.settings import ROOT, Settings
from tests.deliveries import deliver_empty_day

NEXT_DAY = "2026-01-01"
ARRIVAL_SECONDS = 420
"""The sensor looks once a minute; the refresh takes about one more."""


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


def descendants(process: int) -> set[int]:
    """A process and all processes it started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {process}.union(*(descendants(int(child)) for child in children))


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


def test_both_servers_answer_on_loopback_only_and_a_delivery_is_refreshed(fresh_home: Path) -> None:
    ports = {"CLIENTELE_SUPERSET_PORT": str(free_port()), "CLIENTELE_DAGSTER_PORT": str(free_port())}
    running = subprocess.Popen(
        [sys.executable, "-m", "orchestration.serve"],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(fresh_home), **ports},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        printed = ""
        for line in running.stdout:
            printed += line
            if "Ctrl-C stops everything" in line:
                break
        assert (
            f"http://127.0.0.1:{ports['CLIENTELE_SUPERSET_PORT']}/superset/dashboard/executive-overview/"
            in printed
        )
        assert "Data as of   2025-12-31" in printed
        for port in ports.values():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert answer.status == 200
        loopback = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
        found = listening_addresses(descendants(running.pid))
        assert found
        assert found <= loopback
        # Nobody starts this refresh: the arrival sensor does.
        deliver_empty_day(fresh_home, NEXT_DAY)
        await_release(fresh_home, NEXT_DAY)
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    assert oct((fresh_home / "superset" / "logins.json").stat().st_mode & 0o777) == "0o600"
