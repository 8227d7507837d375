"""A reader that never stops looking while refreshes are killed."""

from __future__ import annotations

import json
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from clientele.settings import WAREHOUSE_FILE, Settings
from tests.chaos.programs import processes

SECONDS = 0.4
MARKS = """
    select (select max(as_of_date) from dim_customers),
           (select max(as_of_date) from fct_alert_evaluations),
           (select max_by(struct_pack(as_of_date, release_id), published_at) from fct_refreshes)
"""
"""What three tables, the first, one in the middle and the last that is written, say of their release."""


@dataclass
class Seen:
    """What a reader saw.

    Attributes:
        reads: How many times it looked.
        problems: Errors and mixtures, each once.
    """

    reads: int = 0
    problems: list[str] = field(default_factory=list)


@contextmanager
def reading(settings: Settings) -> Iterator[Seen]:
    """Look at the release all the time, in a process of its own; the answer is complete at the end."""
    seen = Seen()
    answer, tell = os.pipe()
    stay, leave = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(leave)
        processes.leave_with(lambda: _look(settings, stay, tell))
    for descriptor in (tell, stay):
        os.close(descriptor)
    try:
        yield seen
    finally:
        os.close(leave)
        with os.fdopen(answer) as pipe:
            seen.reads, seen.problems = json.loads(pipe.read())
        os.waitpid(pid, 0)


def look(file: Path) -> str | None:
    """Read the marks of a served file; what is wrong with them, if anything."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            first, middle, last = connection.execute(MARKS).fetchall()[0]
    except (duckdb.Error, OSError) as error:
        return f"reader: {error}"
    if not first == middle == last["as_of_date"] or not last["release_id"].endswith(f"-{first:%Y%m%d}"):
        return f"reader: a mixture of {first}, {middle} and {last}"
    return None


def _look(settings: Settings, stay: int, tell: int) -> int:
    seen = Seen()
    while not select.select([stay], [], [], SECONDS)[0]:
        problem = look(settings.serving / "current" / WAREHOUSE_FILE)
        seen.reads += 1
        if problem and problem not in seen.problems:
            seen.problems.append(problem)
    os.write(tell, json.dumps([seen.reads, seen.problems[:3]]).encode())
    return 0
