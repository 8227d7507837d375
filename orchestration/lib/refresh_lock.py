"""One refresh at a time, whoever starts it: command line, schedule or Dagster's UI."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.settings import Settings

_held: set[Path] = set()


class RefreshRunningError(RuntimeError):
    """Another process is refreshing the same home."""


@contextmanager
def refresh_lock(settings: Settings, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the refresh lock; nested use in one process is harmless.

    The lock belongs to the process, so a killed refresh leaves nothing to clean up.

    Args:
        settings: The home to lock.
        wait_seconds: How long to wait for another refresh, in seconds.

    Raises:
        RefreshRunningError: Another process still holds the lock.
    """
    path = settings.home / "refresh.lock"
    if path in _held:
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise RefreshRunningError(
                    f"another refresh is running on {settings.home} (process {holder}); "
                    "wait for it to end, then start again"
                )
            time.sleep(1)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
