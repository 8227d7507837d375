"""dbt as a process of its own that has imported everything before it starts.

A real dbt spends more time on its imports than on the models of a tiny bank. Here it is forked from the
refresh before that has opened anything, waits to be called, and then is what the real one is: a child with
its own files and locks, which runs dbt's own command line.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from dagster_dbt.core import dbt_cli_invocation
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import cli

from orchestration.processes import child
from tests.chaos.programs import processes
from tests.chaos.programs.steps import Steps


def install(steps: Steps | None) -> None:
    """Let Dagster's next dbt call of this process use a warm dbt; call it before anything is opened."""
    ours, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        processes.leave_with(lambda: _serve(its, steps))
    its.close()
    vars(dbt_cli_invocation)["subprocess"] = _Subprocess(ours, pid)


class _Subprocess:
    """Stands in for the module ``subprocess`` where Dagster starts dbt."""

    PIPE, STDOUT = subprocess.PIPE, subprocess.STDOUT

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection, self._pid = connection, pid

    def Popen(  # noqa: N802
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, **pipes: int
    ) -> WarmDbt | subprocess.Popen[bytes]:
        if list(args[:5]) != [*child.guarded(Path(), Path())[:5]]:
            return subprocess.Popen(args, env=env, cwd=cwd, **pipes)  # type: ignore[call-overload,no-any-return]
        receive, send = os.pipe()
        call = pickle.dumps((list(args), dict(env), str(cwd)))
        socket.send_fds(self._connection, [len(call).to_bytes(8)], [send])
        self._connection.sendall(call)
        os.close(send)
        return WarmDbt(list(args), self._pid, os.fdopen(receive, "rb"))


class WarmDbt:
    """What Dagster uses of ``subprocess.Popen``."""

    def __init__(self, args: list[str], pid: int, stdout: IO[bytes]) -> None:
        self.args, self.pid, self.stdout = args, pid, stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.wait(0)

    def wait(self, timeout: float = processes.HANGS_AFTER_SECONDS) -> int | None:
        if self.returncode is None:
            self.returncode = processes.wait(self.pid, timeout)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


def _serve(connection: socket.socket, steps: Steps | None) -> int:
    length, descriptors, _, _ = socket.recv_fds(connection, 8, 1)
    if not length:
        return 0  # the refresh ended without calling dbt
    with connection.makefile("rb") as stream:
        args, environment, folder = pickle.loads(stream.read(int.from_bytes(length)))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for output in (1, 2):
        os.dup2(descriptors[0], output)
    if steps:
        steps.is_models = True
        steps.arm()
    # What stands before dbt on its command line does its work here too, and goes on with our dbt.
    vars(child)["_become"] = lambda command: processes.leave_with(partial(_run, command[1:]))
    child._run(args[4:])
    raise AssertionError("the guard of dbt came back")


def _run(arguments: list[str]) -> int:
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        cli.main(arguments, prog_name="dbt")
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        DuckDBConnectionManager.close_all_connections()
    return 0
