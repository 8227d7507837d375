"""Homes that tests share: built once per session, read by many, copied by those that change them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.settings import ROOT, Settings

TINY_BANK = ["--customers", "300", "--from", "2024-11-01", "--to", "2025-12-31", "--seed", "7"]

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def run_module(
    module: str, *arguments: str, home: Path, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run one of our commands as a user does: a process of its own on a home of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "CLIENTELE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(
            f"{module} {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done


@pytest.fixture(scope="session")
def tiny_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the tiny bank is delivered and nothing else has happened."""
    home = tmp_path_factory.mktemp("tiny-landing")
    run_module("seeds.sample_bank", *TINY_BANK, "--landing", str(home / "landing"), home=home)
    return home


@pytest.fixture(scope="session")
def tiny_home(tiny_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a published release of the tiny bank; copy it with ``fresh_home`` to change it."""
    home = tmp_path_factory.mktemp("tiny") / "home"
    shutil.copytree(tiny_landing, home)
    run_module("orchestration.refresh", home=home)
    return home


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
