"""Which kills a run consists of: decided by the seed and by the steps that an undisturbed run takes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.chaos.programs.steps import STAGES

INSTANT_SHARE = 0.3
"""Of the kills, those at random instants; the others are at steps."""
ROUND = (
    "load", "publish", "build", "prune", "rollback", "publish",
    "load", "records", "build", "publish", "start", "history",
)  # fmt: skip
"""The stages of the steps, chosen again and again; a stage without steps left is passed over.

What changes what readers see comes first, for short runs, and most often."""
VICTIMS = ("process", "child", "group")
Choice = tuple[str, str, str, str, int, float]
"""The fields of a trial after its number."""


@dataclass(frozen=True)
class Rehearsal:
    """What an undisturbed run does.

    Attributes:
        seconds: How long it took.
        steps: Number of steps, by stage.
        before: Checksums of what readers see before it.
        after: Checksums of what readers see after it.
        paths: The paths below its home in the end.
    """

    seconds: float
    steps: Mapping[str, int]
    before: Mapping[str, str]
    after: Mapping[str, str]
    paths: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Trial:
    """One kill.

    Attributes:
        number: Within the run, from 1.
        scenario: What was delivered.
        command: The command that is killed.
        victim: ``process``, ``child`` (dbt) or ``group``.
        stage: Stage of the step; ``instant`` for a random instant.
        step: Number of the step before which to kill; 0 for an instant.
        share: Which part of the undisturbed duration passes before a kill at an instant.
    """

    number: int
    scenario: str
    command: str
    victim: str
    stage: str
    step: int = 0
    share: float = 0.0

    def __str__(self) -> str:
        where = f"{self.stage} {self.step}" if self.step else f"instant {self.share:.3f}"
        return f"{self.number:3} {self.scenario:10} {self.command:9} {self.victim:7} {where:14}"


def trials(
    seed: int, kills: int, rehearsals: Mapping[tuple[str, str], Rehearsal], provisions: int = 0
) -> list[Trial]:
    """Choose the kills.

    Args:
        seed: Equal seeds choose equal kills, as long as the steps are the same.
        kills: How many of refreshes and rollbacks.
        rehearsals: What undisturbed runs do, by scenario and command.
        provisions: How many more while Superset is set up.

    Returns:
        The trials; stages with few steps are covered first, the rest goes to those with many.
    """
    chance = random.Random(seed)
    scenarios = sorted({scenario for scenario, _ in rehearsals})
    instants = round(kills * INSTANT_SHARE)
    chosen = [
        *_at_steps(chance, kills - instants, rehearsals),
        *(
            (chance.choice(scenarios), "refresh", VICTIMS[number % 3], "instant", 0, chance.uniform(0, 0.95))
            for number in range(instants)
        ),
        *(_while_provisioning(chance, number, rehearsals) for number in range(provisions)),
    ]
    # Shuffled, so that a run cut short has seen some of everything.
    chance.shuffle(chosen)
    return [Trial(number, *choice) for number, choice in enumerate(chosen, 1)]


def _while_provisioning(
    chance: random.Random, number: int, rehearsals: Mapping[tuple[str, str], Rehearsal]
) -> Choice:
    ((scenario, command),) = (key for key in rehearsals if key[1] == "provision")
    steps = rehearsals[scenario, command].steps["provision"]
    # Most of its time goes by in the metadata database, whose writes are no steps.
    if number % 2:
        return scenario, command, "process", "provision", chance.randint(1, steps), 0.0
    return scenario, command, "group", "instant", 0, chance.uniform(0, 0.95)


def _at_steps(
    chance: random.Random, kills: int, rehearsals: Mapping[tuple[str, str], Rehearsal]
) -> list[Choice]:
    waiting: dict[str, list[tuple[str, str, int]]] = {stage: [] for stage in STAGES}
    for (scenario, command), rehearsal in sorted(rehearsals.items(), key=lambda item: item[0]):
        if command == "provision":
            continue
        for stage, count in rehearsal.steps.items():
            waiting[stage] += [(scenario, command, step) for step in range(1, count + 1)]
    for points in waiting.values():
        chance.shuffle(points)
    chosen: list[Choice] = []
    while len(chosen) < kills and any(waiting.values()):
        for stage in ROUND:
            if waiting[stage] and len(chosen) < kills:
                scenario, command, step = waiting[stage].pop()
                chosen.append((scenario, command, chance.choice(("process", "group")), stage, step, 0.0))
    return chosen
