"""A few kills in each run of the tests; `make chaos` has two hundred."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from clientele.settings import ROOT

ARGUMENTS = ("--kills", "4", "--lanes", "1", "--scenarios", "redelivery", "--provisions", "0")


def test_killed_refreshes_converge_and_readers_never_notice(tmp_path: Path) -> None:
    # A process of its own: only one without threads may fork refreshes.
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *ARGUMENTS, "--work", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kills in 4 of 4 trials, 0 failed" in done.stdout
