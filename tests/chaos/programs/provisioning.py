"""Killing what sets Superset up: after it a second call must leave all that an undisturbed one leaves.

Superset has an environment of its own, and none of it is warm: such a trial takes minutes.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace

from clientele.settings import ROOT
from tests.chaos import judging
from tests.chaos.bank import Lane
from tests.chaos.plan import Rehearsal, Trial
from tests.chaos.programs import processes
from tests.chaos.trial import SOONEST, Outcome, Rehearsals, last_lines

SUPERSET_PYTHON = ROOT / ".venv-superset" / "bin" / "python"
STEPPED = ROOT / "tests" / "chaos" / "programs" / "provision_in_steps.py"
INVENTORY = """
    select 'schema ' || version_num from alembic_version
    union all select 'database ' || hex(uuid) from dbs
    union all select 'dataset ' || hex(uuid) from tables
    union all select 'chart ' || hex(uuid) from slices
    union all select 'dashboard ' || hex(uuid) from dashboards
    union all select 'login ' || username from ab_user
    union all select 'grant ' || ab_role.name || ' ' || ab_permission.name || ' ' || ab_view_menu.name
        from ab_permission_view_role
        join ab_role on ab_role.id = role_id
        join ab_permission_view on ab_permission_view.id = permission_view_id
        join ab_permission on ab_permission.id = permission_id
        join ab_view_menu on ab_view_menu.id = view_menu_id
"""


def rehearse(lane: Lane, scenario: str) -> Rehearsal:
    """Provision undisturbed.

    Raises:
        RuntimeError: It failed; the message is what it printed.
    """
    lane.reset(scenario)
    log = lane.home.parent / "steps-provision"
    log.unlink(missing_ok=True)
    started = time.monotonic()
    if processes.wait(_start(lane, "--log", str(log))):
        raise RuntimeError(lane.log.read_text())
    return Rehearsal(
        seconds=time.monotonic() - started,
        steps=Counter(line.partition("\t")[0] for line in log.read_text().splitlines()),
        before={},
        after=_inventory(lane),
        paths=frozenset(judging.paths(lane.home)),
    )


def run(lane: Lane, trial: Trial, rehearsals: Rehearsals) -> Outcome:
    """Kill a provisioning and provision again."""
    started = time.monotonic()
    lane.reset(trial.scenario)
    undisturbed = rehearsals[trial.scenario, trial.command]
    if trial.step:
        is_killed = processes.wait(_start(lane, "--kill", str(trial.step))) == -signal.SIGKILL
    else:
        group = _start(lane)
        is_killed = processes.wait(group, trial.share * undisturbed.seconds) is None
        if is_killed:
            os.killpg(group, signal.SIGKILL)
            processes.wait(group)
        elif trial.share > SOONEST:
            return run(lane, replace(trial, share=trial.share / 3), rehearsals)
    problems = []
    if (code := processes.wait(_start(lane))) != 0:
        problems.append(f"provisioning after the kill ended with {code}: {last_lines(lane.log)}")
    else:
        problems += judging.differences(_inventory(lane), undisturbed.after)
    problems += judging.stray(judging.paths(lane.home), set(undisturbed.paths))
    if not problems and (processes.wait(_start(lane)) or "nothing changed" not in last_lines(lane.log)):
        problems.append(f"a third call had something to do: {last_lines(lane.log)}")
    return Outcome(trial, is_killed, problems, 0, time.monotonic() - started)


def _start(lane: Lane, *arguments: str) -> int:
    with lane.log.open("ab") as log:
        running = subprocess.Popen(
            [str(SUPERSET_PYTHON), str(STEPPED), *arguments],
            cwd=ROOT, env={**os.environ, **lane.environment}, stdout=log, stderr=log, process_group=0,
        )  # fmt: skip
    pid = running.pid
    running.returncode = 0  # waited for by its number, as all processes here
    return pid


def _inventory(lane: Lane) -> dict[str, str]:
    """What the metadata file holds: each thing with how often it is there."""
    file = lane.settings.superset_home / "superset.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        counted = Counter(row[0] for row in connection.execute(INVENTORY))
    return {name: str(count) for name, count in counted.items()}
