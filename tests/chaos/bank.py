"""The tiny bank that is refreshed again and again: two releases, and what is delivered next.

Each lane has a home at a path of its own that never changes, as dbt parses all models again when it does.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clientele.settings import ROOT, Settings
from orchestration import refresh, rollback
from orchestration.building import dbt_runner
from tests.chaos.programs import processes, warm_dbt
from tests.chaos.programs.steps import Steps

CUSTOMERS, FIRST, NEXT = "200", "2025-11-29", "2025-12-02"
"""The smallest sample bank, over a month-end: of all public tables only alerts and migrations are empty."""
RELEASES = ("2025-11-30", "2025-12-01")
SCENARIOS = ("next_day", "redelivery")
CORRECTED = ("transactions.csv", "balances.csv")
ENVIRONMENT = {"CLIENTELE_RELEASES_KEPT": "2"}
"""So that publishing the third release prunes the first."""
_DELIVERED_AT = 1_764_700_000


@dataclass(frozen=True)
class Lane:
    """A place for one trial at a time.

    Attributes:
        work: Folder of all lanes.
        number: Of this one, from 0.
    """

    work: Path
    number: int

    @property
    def home(self) -> Path:
        """The home that trials ruin."""
        return self.work / f"lane-{self.number}" / "home"

    @property
    def log(self) -> Path:
        """What the commands of the trial printed."""
        return self.home.parent / "log"

    @property
    def settings(self) -> Settings:
        """The settings of a command in this lane."""
        return Settings.from_env(self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command in this lane."""
        return {**ENVIRONMENT, "CLIENTELE_HOME": str(self.home)}

    def reset(self, scenario: str) -> None:
        """Put back the home with two releases, and deliver what the scenario brings."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.log.unlink(missing_ok=True)
        shutil.copytree(self.home.parent / "base", self.home, symlinks=True)
        shutil.copytree(self.work / "deliveries" / scenario, self.home / "landing", dirs_exist_ok=True)

    def start(
        self, command: str, steps: Steps | None = None, last: str | None = None, warm: bool = True
    ) -> int:
        """Start a command of ours on the home; returns its process, which leads a group of its own.

        Args:
            command: ``refresh`` or ``rollback``.
            steps: Counts its steps, and may kill it.
            last: Last business date to refresh; whatever is due when omitted.
            warm: Whether dbt is a forked process; otherwise it is the real command.
        """
        commands: dict[str, Callable[[], int]] = {
            "refresh": lambda: refresh.main(["--to", last] if last else []),
            "rollback": rollback.main,
        }

        def main() -> int:
            if command == "refresh" and warm:
                warm_dbt.install(steps)
            if steps:
                steps.arm()
            return commands[command]()

        return processes.start(main, self.environment, self.log)


def prepare(work: Path, lanes: int) -> None:
    """Deliver the bank, publish two releases of it and give every lane a copy.

    Raises:
        RuntimeError: A refresh failed; the message is what it printed.
    """
    first = Lane(work, 0)
    _deliver(first)
    for day in RELEASES:
        if processes.wait(first.start("refresh", last=day)):
            raise RuntimeError(first.log.read_text())
    cached = first.settings.superset_home / "cache" / "chart"
    cached.parent.mkdir(parents=True)
    cached.touch()
    for number in range(lanes):
        lane = Lane(work, number)
        shutil.copytree(first.home, lane.home.parent / "base", symlinks=True)
        if number:
            _parse_at(lane)


def _deliver(lane: Lane) -> None:
    landing = lane.home / "landing"
    subprocess.run(
        [sys.executable, "-m", "seeds.sample_bank", "--landing", str(landing),
         "--customers", CUSTOMERS, "--from", FIRST, "--to", NEXT, "--seed", "7"],
        cwd=ROOT, env={**os.environ, **lane.environment}, check=True, capture_output=True,
    )  # fmt: skip
    for file in landing.rglob("*.*"):
        # Old enough to be taken for whole, and the same in all trials: signatures hold it.
        os.utime(file, (_DELIVERED_AT, _DELIVERED_AT))
    deliveries = lane.work / "deliveries"
    for folder in sorted(landing.glob(f"*/{NEXT}")):
        target = deliveries / "next_day" / folder.parent.name / NEXT
        target.parent.mkdir(parents=True)
        folder.rename(target)
    for name in CORRECTED:
        _correct(landing / name.partition(".")[0] / RELEASES[-1] / name, landing, deliveries / "redelivery")


def _correct(file: Path, landing: Path, target: Path) -> None:
    """Write the delivery that replaces another: the same without its last line."""
    lines = file.read_bytes().splitlines(keepends=True)[:-1]
    corrected = target / file.relative_to(landing)
    corrected.parent.mkdir(parents=True)
    corrected.write_bytes(b"".join(lines))
    control = corrected.with_name(f"{file.name}.ctl")
    control.write_text(f"rows={len(lines) - 1}\nsha256={hashlib.sha256(b''.join(lines)).hexdigest()}\n")
    for written in (corrected, control):
        os.utime(written, (_DELIVERED_AT + 1, _DELIVERED_AT + 1))


def _parse_at(lane: Lane) -> None:
    """Let dbt keep a parsed project that knows this lane's paths."""
    shutil.copytree(lane.home.parent / "base", lane.home, symlinks=True)
    subprocess.run(
        [dbt_runner.executable(), "parse"],
        cwd=dbt_runner.PROJECT, env={**os.environ, **dbt_runner.environment(lane.settings)},
        check=True, capture_output=True,
    )  # fmt: skip
    shutil.rmtree(lane.home.parent / "base")
    lane.home.rename(lane.home.parent / "base")
