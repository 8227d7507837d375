"""Temporary files of a run: below the home, and gone when the next one starts, however the last one ended."""

from __future__ import annotations

import shutil

from clientele import state_files
from clientele.settings import Settings
from orchestration import lake


def sweep(settings: Settings) -> None:
    """Remove what killed runs left; the caller holds the refresh lock."""
    for folder in (settings.scratch, settings.lake / lake.INCOMING):
        if folder.exists():
            shutil.rmtree(folder)
    unfinished = [
        *(settings.lake / "operations").glob("*/*.tmp"),
        *(
            file
            for folder in (
                settings.serving,
                settings.warehouse.parent,
                settings.lake / "_judged",
                settings.data_docs,
            )
            for file in folder.glob(state_files.UNFINISHED)
        ),
    ]
    for file in unfinished:
        file.unlink()
