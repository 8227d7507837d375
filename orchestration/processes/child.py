"""Programs that end with the process that started them, whatever ends it (D-31).

Imported, this module builds command lines; run as a file, it is what those lines start. It needs nothing
but the standard library and starts without site packages, in some 40 ms:

    bound <parent>                  becomes the program; the kernel kills it with its parent
    guarded <holder file> <lock>    the same for the holder of a lock; the program keeps a second lock
    kept <parent> <seconds>         stays beside the program, and ends it and all that it started
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LOOK_SECONDS = 0.05


def bound(command: Sequence[str]) -> list[str]:
    """The command line of a program that is killed with this process."""
    return [*_start("bound", str(os.getpid())), *command]


def guarded(holder: Path, lock: Path) -> list[str]:
    """The beginning of a command line; the program follows.

    Args:
        holder: A lock file with the process id of its holder, who must be the parent of the program.
        lock: A file the program keeps locked until it is gone.
    """
    return _start("guarded", str(holder), str(lock))


def kept(command: Sequence[str], stop_seconds: float) -> list[str]:
    """The command line of a program under a keeper.

    SIGINT, SIGTERM or SIGHUP to the keeper, the end of this process or that of the program end the program
    and everything it started. The keeper's exit code is that of the program, 128 + n when signal n ended it.

    Args:
        command: The program.
        stop_seconds: Time to end after SIGTERM before SIGKILL, in seconds; 0 kills at once.
    """
    return [*_start("kept", str(os.getpid()), str(stop_seconds)), *command]


def adopt_orphans() -> None:
    """Become the parent of whatever a descendant of this process leaves behind."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def descendants(process: int) -> set[int]:
    """The processes that a process has started, and those that they have started, and so on."""
    children = _children()
    found: set[int] = set()
    waiting = children.get(process, [])
    while waiting:
        found.update(waiting)
        waiting = [child for parent in waiting for child in children.get(parent, [])]
    return found


def end_descendants(stop_seconds: float, *, through_children: bool = False) -> None:
    """End every descendant and return when none is left; the caller has adopted orphans.

    Args:
        stop_seconds: Time to end after SIGTERM before SIGKILL, in seconds; 0 kills at once.
        through_children: Only children get the SIGTERM; they are keepers and see to the rest.
    """
    own, deadline = os.getpid(), time.monotonic() + stop_seconds
    if stop_seconds:
        _send(signal.SIGTERM, _children().get(own, []) if through_children else descendants(own))
    # Orphans become our children: without a child there is no descendant.
    while _has_children():
        if time.monotonic() >= deadline:
            _send(signal.SIGKILL, descendants(own))
        time.sleep(_LOOK_SECONDS)


def _start(*arguments: str) -> list[str]:
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *arguments]


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["bound", parent, *command]:
            _end_with_parent(signal.SIGKILL, int(parent))
            _become(command)
        case ["guarded", holder, lock, *command]:
            _become_guarded(Path(holder), lock, command)
        case ["kept", parent, stop_seconds, *command]:
            return _keep(int(parent), float(stop_seconds), command)
    raise SystemExit(f"not a call of {__file__}: {arguments}")


def _become_guarded(holder: Path, lock: str, command: list[str]) -> NoReturn:
    _end_with_parent(signal.SIGKILL, os.getppid())
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    # In this order: whoever takes over writes its name first and looks at this lock then. Either we see the
    # name and go, or it sees the lock and waits until we are gone.
    if holder.read_text() != str(os.getppid()):
        raise SystemExit("the process that started this program is gone")
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    os.set_inheritable(descriptor, True)
    _become(command)


def _keep(parent: int, stop_seconds: float, command: list[str]) -> int:
    # Blocked and waited for: a signal is never lost, and never in the middle of something.
    signal.pthread_sigmask(signal.SIG_BLOCK, {*STOP_SIGNALS, signal.SIGCHLD})
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _end_with_parent(signal.SIGTERM, parent)
    adopt_orphans()
    own = os.getpid()
    program = os.fork()
    if program == 0:
        _end_with_parent(signal.SIGKILL, own)
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        _become(command)
    code = _wait(program)
    end_descendants(stop_seconds)
    return 128 + signal.SIGTERM if code is None else code


def _wait(program: int) -> int | None:
    """Wait for the end of the program; None when told to stop."""
    while signal.sigwait({*STOP_SIGNALS, signal.SIGCHLD}) == signal.SIGCHLD:
        for process, status in _reap():
            if process == program:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
    return None


def _reap() -> list[tuple[int, int]]:
    ended = []
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended.append(found)
    return ended


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children() -> dict[int, list[int]]:
    """The children of every process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        # A process may end while we look.
        with suppress(FileNotFoundError, ProcessLookupError):
            if entry.name.isdecimal():
                parent = int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    return children


def _send(number: signal.Signals, processes: Iterable[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _end_with_parent(number: signal.Signals, parent: int) -> None:
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before the kernel knew
        raise SystemExit("the process that started this program is gone")


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _become(command: list[str]) -> NoReturn:
    # Python ignores SIGPIPE, and what is ignored stays so in the next program.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606 (our own programs)


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
