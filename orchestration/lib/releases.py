"""Releases: built aside, checked, then shown by moving one link; going back is moving it again.

Readers open ``serving/current/warehouse.duckdb``. The link is replaced in one step, so a new connection
sees the new release and an open one ends on the old: nobody ever sees half of one (D-06).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.build_plan import BuildState
from orchestration.settings import WAREHOUSE_FILE, Settings

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


def releases(settings: Settings) -> list[Release]:
    """Published releases that are still on disk, oldest first."""
    folder = settings.serving / "releases"
    if not folder.exists():
        return []
    return [Release(item.name, item) for item in sorted(folder.iterdir()) if _ID.fullmatch(item.name)]


def current(settings: Settings) -> Release | None:
    """The release readers see; None before the first."""
    link = settings.serving / "current"
    if not link.is_symlink():
        return None
    return Release(link.resolve().name, link.resolve())


def next_id(settings: Settings, state: BuildState) -> str:
    """The identifier of the release after the newest one."""
    existing = releases(settings)
    number = int(existing[-1].id.partition("-")[0]) + 1 if existing else 1
    return f"{number:06d}-{state.as_of:%Y%m%d}"


def candidate_file(settings: Settings, refresh_id: str) -> Path:
    """Where the candidate of a refresh is built."""
    return settings.serving / "candidates" / refresh_id / WAREHOUSE_FILE


def build_candidate(settings: Settings, refresh_id: str, tables: Mapping[str, list[str]]) -> Path:
    """Copy the public tables of the warehouse into a file of their own.

    Args:
        settings: Where the warehouse is.
        refresh_id: The refresh it belongs to.
        tables: Public tables with their key columns, by which rows are ordered.

    Returns:
        The candidate file.
    """
    file = candidate_file(settings, refresh_id)
    shutil.rmtree(file.parent.parent, ignore_errors=True)
    file.parent.mkdir(parents=True)
    _copy(settings, file, tables)
    return file


def copy_again(settings: Settings, candidate: Path, tables: Mapping[str, list[str]]) -> None:
    """Replace some tables of a candidate, such as the records of a refresh that have grown meanwhile."""
    _copy(settings, candidate, tables)


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
    candidate.chmod(0o444)
    release = Release(release_id, settings.serving / "releases" / release_id)
    release.folder.parent.mkdir(parents=True, exist_ok=True)
    candidate.parent.rename(release.folder)
    _show(settings, release)
    _prune(settings)
    return release


def roll_back(settings: Settings) -> tuple[Release, Release]:
    """Show the release before the current one.

    Returns:
        The release left and the release now shown.

    Raises:
        ReleaseError: There is no earlier release.
    """
    shown = current(settings)
    if shown is None:
        raise ReleaseError("nothing is published yet; run `make refresh` first")
    earlier = [release for release in releases(settings) if release.id < shown.id]
    if not earlier:
        raise ReleaseError(f"{shown.id} is the oldest release on disk; there is nothing to go back to")
    _show(settings, earlier[-1])
    return shown, earlier[-1]


def checksums(file: Path, tables: Iterable[str]) -> dict[str, str]:
    """A checksum of each table's rows, whatever their order.

    Args:
        file: A DuckDB file.
        tables: The tables.

    Returns:
        Row count and hash by table; equal exactly when the tables hold the same rows.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        return {table: _checksum(connection, table) for table in sorted(tables)}


def _checksum(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    row = connection.execute(
        "select count(*), coalesce(sum(hash(t)::hugeint), 0), coalesce(bit_xor(hash(t)), 0) "
        f"from {table} as t"
    ).fetchone()
    assert row is not None
    return "-".join(str(value) for value in row)


def _copy(settings: Settings, file: Path, tables: Mapping[str, list[str]]) -> None:
    with duckdb.connect(
        str(file), config={"threads": settings.threads, "memory_limit": f"{settings.memory_limit_gb}GB"}
    ) as connection:
        connection.execute(f"attach '{settings.warehouse}' as source (read_only)")
        for table, key in tables.items():
            order = ", ".join(key)
            connection.execute(
                f"create or replace table main.{table} as select * from source.main.{table} order by {order}"
            )
        connection.execute("detach source")


def _show(settings: Settings, release: Release) -> None:
    link, fresh = settings.serving / "current", settings.serving / ".current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path("releases") / release.id)
    fresh.replace(link)
    # Superset keys its cache by release, so this only frees space: no reader could find an old number there.
    for cached in (settings.superset_home / "cache").glob("*"):
        cached.unlink(missing_ok=True)


def _prune(settings: Settings) -> None:
    shown = current(settings)
    for release in releases(settings)[: -settings.releases_kept]:
        if shown is None or release.id != shown.id:
            shutil.rmtree(release.folder)
