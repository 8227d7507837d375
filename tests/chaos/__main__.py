"""`make chaos`: kill commands at random instants and at every step, and look what is left.

Refresh, rollback and what sets Superset up are killed. After each kill one more refresh, without any
cleaning, must end with 0 and leave what an undisturbed one leaves: the same rows in every public table, no
other file. Readers must never notice. Exits 1 otherwise.
"""

from __future__ import annotations

import argparse
import gc
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.chaos import bank, lanes, plan, report, trial
from tests.chaos.programs import provisioning


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials asked for; 0 when all passed."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="chooses the kills (default 1)")
    parser.add_argument("--kills", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--provisions", type=int, default=8, help="how many more while Superset is set up")
    parser.add_argument("--scenarios", nargs="+", choices=bank.SCENARIOS, default=bank.SCENARIOS)
    parser.add_argument("--lanes", type=int, default=2, help="trials at a time (default 2)")
    parser.add_argument("--trial", type=int, help="only this one of the run with that seed and size")
    parser.add_argument("--report", type=Path, help="write the summary there")
    parser.add_argument("--work", type=Path, help="keep the prepared homes there, for calls like this one")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="clientele-chaos-") as temporary:
        work = (asked.work or Path(temporary)).resolve()
        return _run(work, asked)


def _run(work: Path, asked: argparse.Namespace) -> int:
    started = time.monotonic()
    _import_everything()
    rehearsals = _rehearsals(work, asked)
    chosen = plan.trials(asked.seed, asked.kills, rehearsals, asked.provisions)
    if asked.trial:
        chosen = [item for item in chosen if item.number == asked.trial]
    print(report.steps(rehearsals), f"prepared in {time.monotonic() - started:.0f} s", sep="\n", flush=True)
    outcomes = []
    for outcome in lanes.run(work, asked.lanes, chosen, rehearsals):
        print(report.line(outcome), flush=True)
        outcomes.append(outcome)
    summary = report.summary(asked.seed, outcomes, len(chosen), time.monotonic() - started)
    print(summary)
    if asked.report:
        asked.report.write_text(summary + "\n")
    return int(len(outcomes) < len(chosen) or any(report.is_failed(outcome) for outcome in outcomes))


def _rehearsals(work: Path, asked: argparse.Namespace) -> dict[tuple[str, str], plan.Rehearsal]:
    """What undisturbed runs do; prepared homes that are kept in ``--work`` are used again."""
    kept = work / "rehearsals"
    if kept.exists():
        found: dict[tuple[str, str], plan.Rehearsal] = pickle.loads(kept.read_bytes())
        return found
    bank.prepare(work, asked.lanes)
    first = bank.Lane(work, 0)
    rehearsals = {
        (scenario, command): trial.rehearse(first, scenario, command)
        for scenario in asked.scenarios
        for command in ("refresh", "rollback")
    }
    if asked.provisions:
        rehearsals[asked.scenarios[0], "provision"] = provisioning.rehearse(first, asked.scenarios[0])
    kept.write_bytes(pickle.dumps(rehearsals))
    return rehearsals


def _import_everything() -> None:
    """Import what a refresh imports, once for all that are forked from here."""
    warnings.filterwarnings("ignore", module="dagster")

    # What is frozen is not touched by the collector, and so stays shared with the forked processes.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # DuckDB's bindings print pages about other libraries' leaks while modules are torn down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.exit(code)
