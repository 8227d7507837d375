"""Transactions that are certain before the month begins: those of the stories and of closed accounts."""

from __future__ import annotations

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import NEVER, Array, months, number_of
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.basics.rows import Rows, rows_of, stack
from seeds.sample_bank.customers.accounts import Accounts
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.customers.stories import Stories

_GROWTH_PER_MONTH = 0.04
_DRAINED_EACH_WEEK = 0.13
_MOVED_EACH_TIME = 0.25
_LARGE_MOVEMENT = 0.45


def planned_rows(arguments: Arguments, people: People, accounts: Accounts, stories: Stories) -> Rows:
    """All planned transactions of the run, by posting day."""
    rng = stream(arguments.seed, "planned")
    last = number_of(arguments.last)
    rows = stack(
        [
            _closing(people, last, rng),
            _growing(arguments, stories, rng),
            _weekly_drain(stories, rng),
            _same_name_transfers(stories, rng),
            _last_withdrawals(stories, rng),
            _large_movements(stories, rng),
        ]
    )
    rows = rows.take(rows.day <= last)
    rows.account = accounts.of["current"][rows.customer]
    return rows.take(np.argsort(rows.day, kind="stable"))


def _subjects(stories: Stories, name: str) -> tuple[Array, Array]:
    told = stories.named(name)
    subjects = np.array([story.subject for story in told], dtype=np.int64)
    return subjects, np.array([story.starts for story in told], dtype=np.int64)


def _closing(people: People, last: int, rng: np.random.Generator) -> Rows:
    who = np.flatnonzero((people.closed != NEVER) & (people.closed <= last))
    return rows_of(
        "transfer_out", "branch", who, day=people.closed[who], second=60_000, is_sweep=np.ones(len(who))
    )


def _growing(arguments: Arguments, stories: Stories, rng: np.random.Generator) -> Rows:
    who, _ = _subjects(stories, "growing")
    parts = []
    for month in months(arguments.first, arguments.last):
        day = rng.integers(month.first, month.last + 1, len(who))
        parts.append(rows_of("transfer_in", "app", who, day=day, second=40_000, fraction=_GROWTH_PER_MONTH))
    return stack(parts)


def _weekly_drain(stories: Stories, rng: np.random.Generator) -> Rows:
    who, starts = _subjects(stories, "asset_drain")
    parts = []
    for week in range(12):
        day = starts + 7 * week + rng.integers(0, 4, len(who))
        parts.append(rows_of("transfer_out", "app", who, day=day, second=50_000, fraction=_DRAINED_EACH_WEEK))
    return stack(parts)


def _same_name_transfers(stories: Stories, rng: np.random.Generator) -> Rows:
    who, starts = _subjects(stories, "transfer_to_other_bank")
    parts = []
    for earliest in (0, 6, 14):
        day = starts + earliest + rng.integers(0, 5, len(who)) * (earliest > 0)
        parts.append(
            rows_of("same_name_transfer_out", "app", who, day=day, second=45_000, fraction=_MOVED_EACH_TIME)
        )
    return stack(parts)


def _last_withdrawals(stories: Stories, rng: np.random.Generator) -> Rows:
    who, starts = _subjects(stories, "frequency_drop")
    day = starts + rng.integers(20, 45, len(who))
    once = rng.random(len(who)) < 0.5
    return rows_of(
        "withdrawal", "atm", who[once], day=day[once], second=43_000, cents=np.full(once.sum(), 30_000)
    )


def _large_movements(stories: Stories, rng: np.random.Generator) -> Rows:
    who, starts = _subjects(stories, "corporate_large_movement")
    return rows_of("transfer_out", "branch", who, day=starts, second=35_000, fraction=_LARGE_MOVEMENT)
