"""Temporary files of a run: below the home, and gone when the next one starts, however the last one ended."""

from __future__ import annotations

import shutil

from orchestration.lib import lake
from orchestration.settings import Settings


def sweep(settings: Settings) -> None:
    """Remove what killed runs left; the caller holds the refresh lock."""
    for folder in (settings.scratch, settings.lake / lake.INCOMING):
        if folder.exists():
            shutil.rmtree(folder)
    for unfinished in (settings.lake / "operations").glob("*/*.tmp"):
        unfinished.unlink()
