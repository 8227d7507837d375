"""Several trials at a time, each lane in a process of its own."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.chaos import trial
from tests.chaos.bank import Lane
from tests.chaos.plan import Trial
from tests.chaos.programs import processes, provisioning
from tests.chaos.trial import Outcome, Rehearsals

_NUMBER = struct.Struct("I")


def run(work: Path, lanes: int, trials: Sequence[Trial], rehearsals: Rehearsals) -> Iterator[Outcome]:
    """Carry out the trials and hand on each outcome as soon as it is there."""
    receive, send = os.pipe()
    for number in range(lanes):
        if os.fork() == 0:
            os.close(receive)
            processes.leave_with(partial(_work, Lane(work, number), trials[number::lanes], rehearsals, send))
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        # A number is written in one piece, whoever else writes; an outcome might not be.
        while number_of := pipe.read(_NUMBER.size):
            outcome: Outcome = pickle.loads(_outcome_file(work, _NUMBER.unpack(number_of)[0]).read_bytes())
            yield outcome
    for _ in range(lanes):
        os.wait()


def _work(lane: Lane, trials: Sequence[Trial], rehearsals: Rehearsals, send: int) -> int:
    for item in trials:
        carry_out = provisioning.run if item.command == "provision" else trial.run
        outcome = carry_out(lane, item, rehearsals)
        _outcome_file(lane.work, item.number).write_bytes(pickle.dumps(outcome))
        os.write(send, _NUMBER.pack(item.number))
    return 0


def _outcome_file(work: Path, number: int) -> Path:
    return work / f"outcome-{number}"
