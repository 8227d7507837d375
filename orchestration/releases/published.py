"""Releases: built aside, checked, then shown by moving one link; a rollback moves it back.

Readers open ``serving/current/warehouse.duckdb``. The link is replaced in one step, so a new connection
sees the new release and an open one ends on the old: nobody ever sees half of one (D-06).

A release counts when it is whole. Readers see the newest whole one, unless somebody went back: that is
written down first, and holds until the next publish.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from clientele import state_files
from clientele.settings import WAREHOUSE_FILE, Settings
from orchestration.building import warehouse
from orchestration.building.build_plan import BuildState

FRESH_LINK = ".current.new"
"""The link that is about to become ``current``."""
REMOVED = ".removed"
"""A release on its way out."""
_ID = re.compile(r"[0-9]{6}-[0-9]{8}")


class ReleaseError(RuntimeError):
    """There is no release to go back to, or a release is not complete."""


@dataclass(frozen=True)
class Release:
    """A published release.

    Attributes:
        id: Running number and business date; sorts in the order of publishing.
        folder: Where it lies.
    """

    id: str
    folder: Path

    @property
    def file(self) -> Path:
        """The DuckDB file readers open."""
        return self.folder / WAREHOUSE_FILE

    @property
    def state(self) -> BuildState:
        """What it was built from."""
        state = BuildState.read(self.folder / "state.json")
        if state is None:
            raise ReleaseError(f"{self.folder} has no state.json: not a release of ours")
        return state

    @property
    def is_whole(self) -> bool:
        """Whether it has a database that opens, and says what it was built from."""
        return BuildState.read(self.folder / "state.json") is not None and warehouse.is_database(self.file)


def releases(settings: Settings) -> list[Release]:
    """Published releases that are whole, oldest first."""
    return [release for release in _on_disk(settings) if release.is_whole]


def _on_disk(settings: Settings) -> list[Release]:
    folder = settings.serving / "releases"
    if not folder.is_dir():
        return []
    return [Release(item.name, item) for item in sorted(folder.iterdir()) if _ID.fullmatch(item.name)]


def current(settings: Settings) -> Release | None:
    """The release readers see; None if they see none that is whole."""
    link = settings.serving / "current"
    if not link.is_symlink():
        return None
    shown = Release(link.resolve().name, link.resolve())
    return shown if shown.is_whole else None


def repair(settings: Settings) -> list[str]:
    """Repair what readers see, after anything that interrupted a publish or a rollback or broke a release.

    Args:
        settings: Where releases are; the caller holds the refresh lock.

    Returns:
        A sentence about each problem found; empty if there was none.
    """
    (settings.serving / FRESH_LINK).unlink(missing_ok=True)
    _finish_removal(settings)
    on_disk = _on_disk(settings)
    whole = [release for release in on_disk if release.is_whole]
    said = [
        f"warning: {release.folder} does not count: no {WAREHOUSE_FILE} that opens, or no state.json"
        for release in on_disk
        if release not in whole
    ]
    wanted = _wanted(settings, whole)
    if wanted and wanted != current(settings):
        _show(settings, wanted)
        said.append(f"readers see release {wanted.id} again: serving/current did not point to it")
    elif not wanted and (settings.serving / "current").is_symlink():
        said.append("warning: serving/current points to no complete release, and there is no other to show")
    return said


def _wanted(settings: Settings, whole: list[Release]) -> Release | None:
    """The release readers should see: the newest, or one that a later rollback went back to."""
    if not whole:
        return None
    record = state_files.read_json(_rollback_file(settings)) or {}
    if record.get("newest") == whole[-1].id:
        return next((release for release in whole if release.id == record.get("shown")), whole[-1])
    return whole[-1]


def _rollback_file(settings: Settings) -> Path:
    return settings.serving / "rollback.json"


def next_id(settings: Settings, state: BuildState) -> str:
    """The identifier of the release after the newest one."""
    existing = _on_disk(settings)
    number = int(existing[-1].id.partition("-")[0]) + 1 if existing else 1
    return f"{number:06d}-{state.as_of:%Y%m%d}"


def publish(settings: Settings, candidate: Path, release_id: str, state: BuildState) -> Release:
    """Make a checked candidate the release that readers see.

    Args:
        settings: Where releases are.
        candidate: The candidate file; its folder becomes the release.
        release_id: From ``next_id``.
        state: What it was built from.

    Returns:
        The release.
    """
    (candidate.parent / "state.json").write_text(state.to_json())
    candidate.chmod(candidate.stat().st_mode & 0o440)
    release = Release(release_id, settings.serving / "releases" / release_id)
    release.folder.parent.mkdir(parents=True, exist_ok=True)
    candidate.parent.rename(release.folder)
    _show(settings, release)
    _rollback_file(settings).unlink(missing_ok=True)
    _prune(settings)
    return release


def roll_back(settings: Settings) -> tuple[Release, Release]:
    """Go back to the previous release.

    Returns:
        The release left and the release now shown.

    Raises:
        ReleaseError: There is no earlier release.
    """
    shown = current(settings)
    if shown is None:
        raise ReleaseError("nothing is published yet; run `make refresh` first")
    whole = releases(settings)
    earlier = [release for release in whole if release.id < shown.id]
    if not earlier:
        raise ReleaseError(f"{shown.id} is the oldest release on disk; there is nothing to go back to")
    # Written first: whatever ends this process, the next refresh knows what was wanted.
    state_files.write_json(_rollback_file(settings), {"newest": whole[-1].id, "shown": earlier[-1].id})
    _show(settings, earlier[-1])
    return shown, earlier[-1]


def _show(settings: Settings, release: Release) -> None:
    link, fresh = settings.serving / "current", settings.serving / FRESH_LINK
    if link.is_dir() and not link.is_symlink():
        # A backup was restored with its links followed.
        link.rename(settings.serving / f"current.set-aside-{release.id}")
    # Superset keys its cache by release, so this only frees space: no reader could find an old number there.
    # It is done first, since a refresh that is killed once the link has moved leaves nothing to take up.
    for cached in (settings.superset_home / "cache").glob("*"):
        cached.unlink(missing_ok=True)
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("releases") / release.id)
    fresh.replace(link)


def _prune(settings: Settings) -> None:
    _finish_removal(settings)
    shown, whole = current(settings), releases(settings)
    kept = {release.id for release in [*whole[-settings.releases_kept :], *([shown] if shown else [])]}
    for release in _on_disk(settings):
        if release.id not in kept:
            # Renamed first: half a removal is not taken for a release that somebody broke.
            release.folder.rename(settings.serving / REMOVED)
            _finish_removal(settings)


def _finish_removal(settings: Settings) -> None:
    if (settings.serving / REMOVED).exists():
        shutil.rmtree(settings.serving / REMOVED)
