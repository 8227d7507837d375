"""What must hold of a home after a kill, and after the refresh that follows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from clientele.settings import WAREHOUSE_FILE, Settings
from orchestration import releases
from orchestration.building import dbt_runner
from tests.building import OPERATIONAL

_VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<run>"),
    (re.compile(r"(?<=data_docs/)[0-9]{8}-[0-9]{6}-[0-9a-f]{8}"), "<refresh>"),
    (re.compile(r"(?<![0-9a-f])[0-9]{6}-[0-9]{8}(?![0-9a-f])"), "<release>"),
    # Of version, signature and the rest, the signature changes with each copy of landing.
    (re.compile(r"(?<=/)([0-9a-f]{12})-[0-9a-f]{12}"), r"\1-<signature>"),
)
_OPEN_ENDED = ("landing", "dagster", "logs", "lake/superseded")
"""The bank's, Dagster's history, messages about what failed, and what is kept on purpose."""

Checksums = Mapping[str, str]


def served(settings: Settings) -> dict[str, str]:
    """Checksums of the public tables that readers see, records of refreshes apart."""
    release = releases.current(settings)
    assert release is not None
    tables = set(dbt_runner.manifest(settings).public_models) - OPERATIONAL
    return releases.checksums(release.file, tables)


def differences(found: Checksums, expected: Checksums) -> list[str]:
    """The tables that are not as an undisturbed refresh leaves them."""
    return [
        f"{table} is {found.get(table)} instead of {expected.get(table)}"
        for table in sorted(found.keys() | expected.keys())
        if found.get(table) != expected.get(table)
    ]


def paths(home: Path) -> set[str]:
    """Every path below the home, with the names of runs, releases and signatures replaced."""
    return set(_paths(home, home))


def _paths(home: Path, folder: Path) -> Iterator[str]:
    for item in folder.iterdir():
        name = str(item.relative_to(home))
        if name in _OPEN_ENDED:
            continue
        for pattern, text in _VARYING:
            name = pattern.sub(text, name)
        yield name
        if item.is_dir() and not item.is_symlink():
            yield from _paths(home, item)


def stray(found: set[str], expected: set[str]) -> list[str]:
    """Paths that an undisturbed home has not got, or has and this one has not; the topmost only."""
    extra, missing = found - expected, expected - found
    return [
        *(f"stray {path}" for path in sorted(extra) if str(Path(path).parent) not in extra),
        *(f"missing {path}" for path in sorted(missing) if str(Path(path).parent) not in missing),
    ]


def broken_releases(settings: Settings) -> list[str]:
    """Releases that are not whole, and more of them than may stay.

    A refresh that was killed when all but pruning was done may leave one more until the next release.
    """
    folders = sorted((settings.serving / "releases").iterdir())
    whole = {WAREHOUSE_FILE, "state.json"}
    problems = [
        f"release {folder.name} holds {sorted(item.name for item in folder.iterdir())}"
        for folder in folders
        if {item.name for item in folder.iterdir()} != whole
    ]
    if len(folders) > settings.releases_kept + 1:
        problems.append(f"{len(folders)} releases are on disk")
    return problems
