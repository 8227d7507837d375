"""`make serve`: both servers answer, on loopback only, and stop when told."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from orchestration.settings import ROOT


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


def test_both_servers_answer_on_loopback_only(fresh_home: Path) -> None:
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
    finally:
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
    assert oct((fresh_home / "superset" / "logins.json").stat().st_mode & 0o777) == "0o600"
