"""One trial: a kill, a refresh without cleaning, and everything that must hold then."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.chaos import judging
from tests.chaos.bank import Lane
from tests.chaos.plan import Rehearsal, Trial
from tests.chaos.programs import processes
from tests.chaos.programs.steps import KillPoint, Steps
from tests.chaos.reader import reading

DBT_START_SECONDS = 4
"""What the real dbt needs before its first model, and the forked one of the rehearsal did not."""
SOONEST = 0.01
"""Share at which a command that was over before its kill is not tried again with an earlier one."""

Rehearsals = Mapping[tuple[str, str], Rehearsal]


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes:
        trial: The trial.
        is_killed: Whether there was anything left to kill.
        problems: What did not hold; empty for a trial that passed.
        reads: How often the reader looked.
        seconds: How long it took.
    """

    trial: Trial
    is_killed: bool
    problems: list[str]
    reads: int
    seconds: float


def rehearse(lane: Lane, scenario: str, command: str) -> Rehearsal:
    """Do it undisturbed.

    Raises:
        RuntimeError: It failed; the message is what it printed.
    """
    lane.reset(scenario)
    before = processes.in_child(lambda: judging.served(lane.settings))
    log = lane.home.parent / f"steps-{scenario}-{command}"
    log.unlink(missing_ok=True)
    started = time.monotonic()
    if processes.wait(lane.start(command, Steps(lane.home, command, log))):
        raise RuntimeError(lane.log.read_text())
    return Rehearsal(
        seconds=time.monotonic() - started,
        steps=Counter(line.partition("\t")[0] for line in log.read_text().splitlines()),
        before=before,
        after=processes.in_child(lambda: judging.served(lane.settings)),
        paths=frozenset(judging.paths(lane.home)),
    )


def run(lane: Lane, trial: Trial, rehearsals: Rehearsals) -> Outcome:
    """Carry out a trial."""
    started = time.monotonic()
    lane.reset(trial.scenario)
    disturbed, whole = rehearsals[trial.scenario, trial.command], rehearsals[trial.scenario, "refresh"]
    with reading(lane.settings) as seen:
        group, is_killed = _kill(lane, trial, disturbed)
        if not is_killed and trial.share > SOONEST:
            processes.end_group(group)
            return run(lane, replace(trial, share=trial.share / 3), rehearsals)
        shown = _served(lane)
        again = processes.wait(lane.start("refresh"))
        # Looked at last: what outlives a kill has until now to disturb.
        orphans = processes.end_group(group)
    problems = []
    if shown not in (disturbed.before, disturbed.after):
        problems.append("after the kill readers saw neither the release before nor the one after")
    if again != 0:
        problems.append(f"the refresh after the kill ended with {again}: {last_lines(lane.log)}")
    problems += judging.differences(_served(lane), whole.after)
    problems += judging.stray(judging.paths(lane.home), set(whole.paths))
    problems += judging.broken_releases(lane.settings)
    problems += seen.problems
    problems += [f"outlived the kill: {command}" for command in orphans]
    if not seen.reads:
        problems.append("the reader never looked")
    return Outcome(trial, is_killed, problems, seen.reads, time.monotonic() - started)


def _served(lane: Lane) -> dict[str, str]:
    """What readers see; nothing, which equals no release, when it cannot be read."""
    try:
        return processes.in_child(lambda: judging.served(lane.settings))
    except RuntimeError:
        return {}


def _kill(lane: Lane, trial: Trial, undisturbed: Rehearsal) -> tuple[int, bool]:
    """Start the command and kill it; returns its group, and whether there was anything to kill."""
    if trial.step:
        steps = Steps(lane.home, trial.command, kill=KillPoint(trial.stage, trial.step, trial.victim))
        group = lane.start(trial.command, steps)
        # The refresh may end by itself, with an error, when only dbt was killed.
        return group, processes.wait(group) != 0
    group = lane.start(trial.command, warm=False)
    if trial.victim == "child":
        return group, _kill_child(group, trial.share * undisturbed.seconds / 2)
    ended = processes.wait(group, trial.share * (undisturbed.seconds + DBT_START_SECONDS))
    if ended is None:
        os.killpg(group, signal.SIGKILL) if trial.victim == "group" else os.kill(group, signal.SIGKILL)
        processes.wait(group)
    return group, ended is None


def _kill_child(group: int, seconds: float) -> bool:
    """Kill dbt so many seconds after it was started, then wait for the refresh to give up."""
    while not processes.models_of(group):
        if processes.wait(group, processes.POLL_SECONDS) is not None:
            return False
    ended = processes.wait(group, seconds)
    models = processes.models_of(group) if ended is None else []
    for child in models:
        os.kill(child, signal.SIGKILL)
    return bool(models) and processes.wait(group) != 0


def last_lines(log: Path) -> str:
    """What a command printed of errors, and its end, as one line."""
    # DuckDB's bindings print pages about other libraries' leaks.
    text = log.read_text(errors="replace").partition("\nnanobind:")[0]
    lines = [line.strip()[:200] for line in text.splitlines() if line.strip()]
    errors = [line for line in lines[:-4] if "error" in line.lower()]
    return " | ".join([*errors[-3:], *lines[-4:]])
