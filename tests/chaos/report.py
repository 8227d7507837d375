"""What the screen and the report show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.chaos.programs.steps import STAGES
from tests.chaos.trial import Outcome, Rehearsals

SHOWN = 8
"""Problems of one trial that its line names."""


def steps(rehearsals: Rehearsals) -> str:
    """How many steps undisturbed runs take."""
    return "\n".join(
        f"{scenario} {command}: {rehearsal.seconds:.1f} s, steps: "
        + ", ".join(f"{stage} {rehearsal.steps[stage]}" for stage in STAGES if stage in rehearsal.steps)
        for (scenario, command), rehearsal in rehearsals.items()
    )


def is_failed(outcome: Outcome) -> bool:
    """Whether something did not hold, or nothing was killed."""
    return bool(outcome.problems) or not outcome.is_killed


def line(outcome: Outcome) -> str:
    """One trial."""
    problems = outcome.problems + ([] if outcome.is_killed else ["it ended before it could be killed"])
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    result = f"FAILED {'; '.join([*problems[:SHOWN], *more])}" if problems else "ok"
    return f"{outcome.trial} {outcome.seconds:5.1f} s {outcome.reads:4} reads  {result}"


def summary(seed: int, outcomes: Sequence[Outcome], planned: int, seconds: float) -> str:
    """Kills by stage and victim, then every failure."""
    kinds = Counter((outcome.trial.stage, outcome.trial.victim) for outcome in outcomes if outcome.is_killed)
    failed = [outcome for outcome in outcomes if is_failed(outcome)]
    failures = Counter(outcome.trial.stage for outcome in failed)
    rows = [
        f"| {stage} | {kinds[stage, 'process']} | {kinds[stage, 'child']} | {kinds[stage, 'group']} "
        f"| {failures[stage]} |"
        for stage in (*STAGES, "instant")
        if any(outcome.trial.stage == stage for outcome in outcomes)
    ]
    return "\n".join(
        [
            "",
            f"seed {seed}: {kinds.total()} kills in {len(outcomes)} of {planned} trials, "
            f"{len(failed)} failed, {sum(outcome.reads for outcome in outcomes)} reads, {seconds:.0f} s",
            "",
            "| where | process | dbt | group | failed trials |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            *([""] if failed else []),
            *(line(outcome) for outcome in failed),
        ]
    )
