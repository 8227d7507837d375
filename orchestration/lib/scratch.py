"""Temporary files of a run: below the home, and gone when the next one starts, however the last one ended."""

from __future__ import annotations

import shutil

from orchestration.settings import Settings


def sweep(settings: Settings) -> None:
    """Remove what killed runs left; the caller holds the refresh lock."""
    if settings.scratch.exists():
        shutil.rmtree(settings.scratch)
