"""Forks a process for each query; `processes` starts it, one for each web worker.

It runs no query itself, so it is never busy: a process it is told to end is gone, and all are gone when
the worker is. Its environment is empty; nothing that a query reads there is worth reading.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import selectors
import shutil
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

PR_SET_PDEATHSIG = 1
BUSY_NICENESS = 10
END_FIRST = "1000"
"""For the kernel: when memory runs out, a query goes before anything else does."""


def serve(control: socket.socket) -> None:
    """Fork and end processes as the web worker asks, until the worker is gone.

    A message is ``start <folder for spilled data>``, with one end of a socket, or ``kill <process id>``;
    the answer is the process id.
    """
    running: dict[int, tuple[int, Path]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not control:
                    selector.unregister(key.fileobj)
                    _bury(key.fd, *running.pop(key.fd))
                    continue
                message, channels, _, _ = socket.recv_fds(control, 4096, 1)
                if not message:
                    for handle, (process, spill) in running.items():
                        os.kill(process, signal.SIGKILL)
                        _bury(handle, process, spill)
                    return
                order, _, subject = message.decode().partition(" ")
                if order == "start":
                    handle, process, spill = _fork(control, selector, channels[0], subject)
                    running[handle] = process, spill
                    selector.register(handle, selectors.EVENT_READ)
                    subject = str(process)
                elif int(subject) in {process for process, _ in running.values()}:
                    # Not buried yet, so the number is still its own.
                    os.kill(int(subject), signal.SIGKILL)
                control.send(subject.encode())


def _fork(
    control: socket.socket, selector: selectors.BaseSelector, channel: int, spill: str
) -> tuple[int, int, Path]:
    server = os.getpid()
    process = os.fork()
    if process:
        os.close(channel)
        return os.pidfd_open(process), process, Path(spill, str(process))
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == server:
            control.close()
            selector.close()
            Path("/proc/self/oom_score_adj").write_text(END_FIRST, encoding="ascii")
            answer_queries(Connection(channel))
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _bury(handle: int, process: int, spill: Path) -> None:
    os.waitpid(process, 0)
    os.close(handle)
    shutil.rmtree(spill, ignore_errors=True)


def answer_queries(channel: Connection) -> None:
    """Be one DuckDB connection: the first message says how to connect, the others are calls of its methods.

    An answer is ``(True, value, description, rowcount)`` or ``(False, name of the error, its text)``.
    """
    connection: Any = None
    while True:
        try:
            call, arguments, keywords = pickle.loads(channel.recv_bytes())  # noqa: S301 (from our worker)
        except EOFError:
            return
        try:
            if call == "connect":
                connection, value = _connect(**keywords), None
            else:
                value = getattr(connection, call)(*arguments)
            answer: tuple[Any, ...] = (
                True,
                value if call.startswith("fetch") else None,
                _description(connection) if call.startswith("execute") else None,
                connection.rowcount,
            )
        except Exception as error:
            answer = (False, type(error).__name__, str(error))
        channel.send_bytes(pickle.dumps(answer))


def _connect(yielding: bool, config: dict[str, Any], **arguments: Any) -> Any:
    if yielding:
        os.nice(BUSY_NICENESS)
    if "temp_directory" in config:  # processes that share one remove each other's files
        config = {**config, "temp_directory": str(Path(config["temp_directory"], str(os.getpid())))}
    return duckdb.connect(config=config, **arguments)


def _description(connection: Any) -> list[tuple[Any, ...]]:
    # DuckDB's type objects stay here; Superset looks at the values, not at them.
    return [(column[0], *(None,) * 6) for column in connection.description or ()]


if __name__ == "__main__":
    gc.collect()
    gc.freeze()  # so that the forks share the pages of what is imported
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)
