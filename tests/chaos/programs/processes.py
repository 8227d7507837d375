"""Processes forked from one that has imported everything: a refresh begins at once.

Nothing here may run in a process that has threads or an open database: whoever needs DuckDB to look at a
result does it ``in_child``.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar

Result = TypeVar("Result")
POLL_SECONDS = 0.01
HANGS_AFTER_SECONDS = 600


def in_child(work: Callable[[], Result]) -> Result:
    """Do the work in a forked process and hand back what it returns.

    Raises:
        RuntimeError: The process ended without a result; its traceback is on the screen.
    """
    receive, send = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(receive)

        def hand_over() -> int:
            with os.fdopen(send, "wb") as pipe:
                pickle.dump(work(), pipe)
            return 0

        leave_with(hand_over)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        content = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("a process of the test failed")
    result: Result = pickle.loads(content)
    return result


def start(main: Callable[[], int], environment: Mapping[str, str], log: Path) -> int:
    """Start a command in a process group of its own.

    Args:
        main: Runs in the new process; returns the exit code.
        environment: Variables it gets besides those of this process.
        log: Gets what it prints.

    Returns:
        The process, which is also the group.
    """
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.environ.update(environment)
        random.seed()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        leave_with(main)
    return pid


def wait(pid: int, seconds: float = HANGS_AFTER_SECONDS) -> int | None:
    """Wait for a process; the exit code, negative for a signal, or None when it still runs."""
    deadline = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(POLL_SECONDS)


def models_of(refresh: int) -> list[int]:
    """The dbt that a refresh has started and that has not ended; multiprocessing starts others."""
    try:
        started = Path(f"/proc/{refresh}/task/{refresh}/children").read_text().split()
        return [int(pid) for pid in started if b"build" in _file(pid, "cmdline").split(b"\0")]
    except (FileNotFoundError, ProcessLookupError):
        return []


def end_group(group: int) -> list[str]:
    """Kill what is left of a command; returns what that was."""
    left = [_file(pid, "cmdline").replace(b"\0", b" ").decode()[:80] for pid in _members(group)]
    if left:
        os.killpg(group, signal.SIGKILL)
    return left


def _members(group: int) -> list[str]:
    # What has ended and was not waited for by its new parent counts as gone.
    stats = (
        (pid.name, _file(pid.name, "stat").rpartition(b")")[2].split())
        for pid in Path("/proc").glob("[0-9]*")
    )
    return [pid for pid, stat in stats if stat and int(stat[2]) == group and stat[0] != b"Z"]


def _file(pid: str, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def leave_with(main: Callable[[], int]) -> NoReturn:
    """Run the work of a forked process and end the process with the exit code."""
    code = 70
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Not sys.exit: the handlers that would run are those of the process this one was forked from.
        os._exit(code)
