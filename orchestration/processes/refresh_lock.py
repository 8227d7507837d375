"""One refresh at a time, whoever starts it: command line, schedule or Dagster's UI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clientele.settings import Settings
from orchestration.processes import child
from orchestration.processes.locks import HeldError, file_lock

MODELS_END_SECONDS = 30
"""A killed dbt is gone at once, unless the disk keeps it."""
_held: set[Path] = set()


class RefreshRunningError(RuntimeError):
    """Another process is refreshing the same home."""


@contextmanager
def refresh_lock(settings: Settings, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the refresh lock; nested use in one process is harmless.

    The lock belongs to the process, so a killed refresh leaves nothing to clean up. Its dbt is killed with
    it, and is gone when this lock is held (D-31).

    Args:
        settings: The home to lock.
        wait_seconds: How long to wait for another refresh, in seconds.

    Raises:
        RefreshRunningError: Another process still holds the lock.
    """
    path = _lock_file(settings)
    if path in _held:
        yield
        return
    try:
        with file_lock(path, wait_seconds, str(os.getpid())):
            with file_lock(_models_file(settings), max(wait_seconds, MODELS_END_SECONDS)):
                pass
            _held.add(path)
            try:
                yield
            finally:
                _held.discard(path)
    except HeldError as error:
        raise RefreshRunningError(
            f"another refresh is running on {settings.home} (process {error.holder}); "
            "wait for it to end, then start again"
        ) from error


def with_the_lock(settings: Settings) -> list[str]:
    """The beginning of a command line that only the holder of the lock may start, and that ends with it."""
    return child.guarded(_lock_file(settings), _models_file(settings))


def _lock_file(settings: Settings) -> Path:
    return settings.home / "refresh.lock"


def _models_file(settings: Settings) -> Path:
    return settings.home / "models.lock"
