"""Several trials at a time, each lane in a process of its own."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tests.chaos import processes, provisioning, trial
from tests.chaos.bank import Lane
from tests.chaos.plan import Trial
from tests.chaos.trial import Outcome, Rehearsals

_LENGTH = struct.Struct("I")


def run(work: Path, lanes: int, trials: Sequence[Trial], rehearsals: Rehearsals) -> Iterator[Outcome]:
    """Carry out the trials and hand on each outcome as soon as it is there."""
    receive, send = os.pipe()
    for number in range(lanes):
        if os.fork() == 0:
            os.close(receive)
            processes.leave_with(partial(_work, Lane(work, number), trials[number::lanes], rehearsals, send))
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        while length := pipe.read(_LENGTH.size):
            yield _outcome(pipe, length)
    for _ in range(lanes):
        os.wait()


def _outcome(pipe: BinaryIO, length: bytes) -> Outcome:
    outcome: Outcome = pickle.loads(pipe.read(_LENGTH.unpack(length)[0]))
    return outcome


def _work(lane: Lane, trials: Sequence[Trial], rehearsals: Rehearsals, send: int) -> int:
    for item in trials:
        carry_out = provisioning.run if item.command == "provision" else trial.run
        content = pickle.dumps(carry_out(lane, item, rehearsals))
        # Shorter than PIPE_BUF, so that lanes do not write into each other's outcomes.
        assert len(content) < 4000, content
        os.write(send, _LENGTH.pack(len(content)) + content)
    return 0
