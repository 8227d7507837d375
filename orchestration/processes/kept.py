"""The programs that `make serve` starts, each under a keeper, and the signals that stop them all (D-31)."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from orchestration.processes import child

LOOK_SECONDS = 0.1


class StoppedError(Exception):
    """A signal asked this process to stop.

    Attributes:
        exit_code: 128 and the number of the signal, as shells have it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class StopSignals:
    """Notes the first SIGINT, SIGTERM or SIGHUP; further ones change nothing.

    Nothing is interrupted midway: whoever waits checks here, and stops cleanly.
    """

    def __init__(self) -> None:
        self._first = 0
        for number in child.STOP_SIGNALS:
            # A script may have SIGINT ignored without meaning it; SIGHUP is ignored by who says `nohup`.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._first = self._first or number

    def look(self) -> None:
        """Raise if one has come.

        Raises:
            StoppedError: One has come.
        """
        if self._first:
            # Python ends by giving up its handlers: one more Ctrl-C then would change the exit code.
            for number in child.STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            raise StoppedError(self._first)


def start(
    command: Sequence[str],
    stop_seconds: float,
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    inherit: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program under a keeper, in a session of its own: the signals of our terminal do not reach it.

    Args:
        command: The program.
        stop_seconds: Time to end when told, in seconds.
        folder: Where it runs.
        environment: Its variables; ours when omitted.
        log: Where it writes; our own output when omitted.
        inherit: Descriptors that stay open until nothing is left of the program and its keeper.

    Returns:
        The keeper.
    """
    return subprocess.Popen(
        child.kept(command, stop_seconds),
        cwd=folder,
        env=environment,
        stdout=log,
        stderr=log,
        pass_fds=inherit,
        start_new_session=True,
    )


def run(command: Sequence[str], signals: StopSignals, *, folder: Path, inherit: Sequence[int] = ()) -> int:
    """Run a program to its end; it is killed when this process ends or is asked to stop.

    Args:
        command: The program.
        signals: Who tells.
        folder: Where it runs.
        inherit: Descriptors that stay open until nothing is left of the program and its keeper.

    Returns:
        Its exit code.

    Raises:
        StoppedError: A signal asked for the end; nothing is left of the program.
    """
    signals.look()
    running = start(command, 0, folder=folder, inherit=inherit)
    try:
        while running.poll() is None:
            signals.look()
            time.sleep(LOOK_SECONDS)
    except StoppedError:
        running.terminate()
        running.wait()
        raise
    return running.returncode
