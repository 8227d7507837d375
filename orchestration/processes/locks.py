"""Locks on files that belong to processes: one that was killed leaves nothing to clean up."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOK_SECONDS = 0.1


class HeldError(RuntimeError):
    """Another process holds the lock.

    Attributes:
        holder: What it wrote into the file.
    """

    def __init__(self, holder: str) -> None:
        super().__init__(f"held by {holder}")
        self.holder = holder


@contextmanager
def file_lock(path: Path, wait_seconds: float = 0, holder: str = "") -> Iterator[int]:
    """Hold an exclusive lock; a process that inherits the descriptor holds it too.

    Args:
        path: The file; created if missing.
        wait_seconds: How long to wait for another holder, in seconds.
        holder: Name of this holder, shown to those who find the lock held; if empty, nothing is written.

    Yields:
        The descriptor.

    Raises:
        HeldError: Another process still holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                file.seek(0)
                raise HeldError(file.read().strip() or "unknown")
            time.sleep(_LOOK_SECONDS)
        if holder:
            file.truncate(0)
            file.write(holder)
            file.flush()
        yield file.fileno()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
