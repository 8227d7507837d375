"""Interactions of one month: log-ins, visits, calls, replies, events, and messages sent out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.basics.days import Array, Month
from seeds.sample_bank.basics.rows import NOTHING
from seeds.sample_bank.customers.catalogue import Employees
from seeds.sample_bank.customers.people import People

INTERACTION_TYPES = (
    "app_login",
    "visit",
    "call",
    "wechat_reply",
    "event",
    "outbound_message",
    "survey_answer",
)
_BY_EMPLOYEE = [INTERACTION_TYPES.index(name) for name in ("visit", "call", "wechat_reply")]
_PER_MONTH = {"visit": 0.05, "call": 0.05, "wechat_reply": 0.08, "event": 0.01, "outbound_message": 0.25}
_MOST_LOG_INS = 12.0


@dataclass
class Interactions:
    """One array element per contact; ``employee`` is NOTHING where nobody was involved."""

    customer: Array
    day: Array
    second: Array
    interaction_type: Array
    employee: Array


def interactions_of(
    month: Month, customers: Array, people: People, employees: Employees, rng: np.random.Generator
) -> Interactions:
    """The contacts of a range of customers, by day."""
    own = np.where(people.regular[customers] > 0, people.regular[customers], people.rate[customers])
    rates = {
        "app_login": np.where(people.has_app[customers], np.minimum(0.3 + 0.35 * own, _MOST_LOG_INS), 0.0),
        **{name: np.full(len(customers), rate) for name, rate in _PER_MONTH.items()},
    }
    # Whoever is managed is called and visited far more often.
    for name in ("visit", "call", "wechat_reply"):
        rates[name] = rates[name] * np.where(people.is_managed[customers], 4.0, 0.6)
    parts = []
    for name, rate in rates.items():
        who, day = _at_random(month, customers, rate, people, rng)
        parts.append((who, day, np.full(len(who), INTERACTION_TYPES.index(name))))
    who, day, code = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(day, kind="stable")
    who, day, code = who[order], day[order], code[order]
    second = (29_000 + 22_000 * (rng.random(len(who)) + rng.random(len(who)))).astype(np.int64)
    branch = people.branch[who]
    manager = employees.first_manager[branch] + who % employees.managers[branch]
    return Interactions(who, day, second, code, np.where(np.isin(code, _BY_EMPLOYEE), manager, NOTHING))


def _at_random(
    month: Month, customers: Array, rate: Array, people: People, rng: np.random.Generator
) -> tuple[Array, Array]:
    counts = rng.poisson(rate * month.days / 30.4)
    who = np.repeat(customers, counts)
    day = rng.integers(month.first, month.last + 1, len(who))
    acting = people.is_acting(who, day)
    return who[acting], day[acting]
