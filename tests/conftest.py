"""Homes that tests share: built once by the first worker in need, copied by tests that change them."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings

TINY_BANK = ["--customers", "300", "--from", "2024-11-01", "--to", "2025-12-31", "--seed", "7"]

Shared = Callable[[str, Callable[[Path], None]], Path]
"""Name of a home and what fills it; returns the home."""


def run_module(
    module: str, *arguments: str, home: Path, check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run one of our commands as a user does: a process of its own on a home of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        check=False,
        umask=0,  # what we create is private whatever the caller's habits
    )
    if check and done.returncode:
        raise AssertionError(
            f"{module} {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done


def open_to_others(home: Path) -> list[str]:
    """Paths of a home with any right for group or others, with their rights."""
    found = [home, *home.rglob("*")]
    rights = {path: stat.S_IMODE(path.lstat().st_mode) for path in found if not path.is_symlink()}
    return [f"{mode:o} {path.relative_to(home)}" for path, mode in sorted(rights.items()) if mode & 0o077]


LONGEST = (
    "e2e",
    "integration/test_windows",
    "integration/test_kills",
    "chaos/test_chaos",
    "integration/test_serve",
    "integration/test_refresh",
    "golden/test_cdnow",
    "integration/test_order_of_models",
    "integration/test_recovery",
    "integration/test_bad_deliveries",
)
"""Groups that begin first, so that no worker is left with minutes of work while the others are done."""


@pytest.hookimpl(tryfirst=True)  # before the workers note the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, and all that need the one Superset; the longest come first."""

    def group(item: pytest.Item) -> str:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        return folder if folder == "e2e" else f"{folder}/{item.path.stem}"

    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    items.sort(key=lambda item: LONGEST.index(group(item)) if group(item) in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Build a home that all workers share; the first to ask builds it, the others wait."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def build(name: str, fill: Callable[[Path], None]) -> Path:
        home, done = root / name, root / f"{name}.done"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                # What an earlier worker left when its build failed, so that each test shows the failure.
                shutil.rmtree(home, ignore_errors=True)
                fill(home)
                done.touch()
        return home

    return build


@pytest.fixture(scope="session")
def tiny_landing(shared: Shared) -> Path:
    """A home in which the tiny bank is delivered and nothing else has happened."""

    def deliver(home: Path) -> None:
        run_module("seeds.sample_bank", *TINY_BANK, "--landing", str(home / "landing"), home=home)

    return shared("tiny-landing", deliver)


@pytest.fixture(scope="session")
def tiny_home(tiny_landing: Path, shared: Shared) -> Path:
    """A home with a published release of the tiny bank; copy it with ``fresh_home`` to change it."""

    def publish(home: Path) -> None:
        shutil.copytree(tiny_landing, home)
        run_module("orchestration.refresh", home=home)

    # A path as people have them: whatever reads it must take it literally.
    return shared("tiny [home]'s {1}", publish)


@pytest.fixture
def fresh_home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy of the published tiny bank that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(tiny_home, home, symlinks=True)
    return home


@pytest.fixture(scope="session")
def tiny_settings(tiny_home: Path) -> Settings:
    """Settings of the published tiny bank."""
    return Settings(home=tiny_home)
