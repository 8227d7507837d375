"""Complaints of the whole run, with first response and resolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import Array, number_of
from seeds.sample_bank.basics.randomness import pick, stream
from seeds.sample_bank.basics.rows import NOTHING
from seeds.sample_bank.basics.words import COMPLAINTS
from seeds.sample_bank.customers.accounts import Accounts
from seeds.sample_bank.customers.catalogue import Employees
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.customers.stories import CUSTOMER_STORIES, Stories

CATEGORIES = tuple(COMPLAINTS)
COMPLAINT_TEXTS = tuple(text for texts in COMPLAINTS.values() for text in texts)

_PER_YEAR = 0.012
_ANGRY_BUYERS = 0.25
_CATEGORY_SHARES = [0.2, 0.22, 0.18, 0.2, 0.05, 0.15]
_COMPLAINING_STORIES = [CUSTOMER_STORIES.index("none"), CUSTOMER_STORIES.index("bad_product")]
_DAY = 86_400


@dataclass
class Complaints:
    """One array element per complaint; ``filed``, ``responded``, ``resolved`` are seconds since 1970."""

    customer: Array
    filed: Array
    category: Array
    responded: Array
    resolved: Array
    branch: Array
    product: Array
    employee: Array
    channel: Array
    text: Array


def complaints_of(
    arguments: Arguments, people: People, accounts: Accounts, employees: Employees, stories: Stories
) -> Complaints:
    """All complaints of the run, by filing time, as they stand in the end."""
    rng = stream(arguments.seed, "complaints")
    first, last = number_of(arguments.first), number_of(arguments.last)
    expected = _PER_YEAR * len(people) * (last - first + 1) / 365
    count = int(rng.poisson(expected))
    usual = (rng.integers(0, len(people), count), rng.integers(first, last + 1, count))
    category = pick(rng, _CATEGORY_SHARES, count)
    parts = [(*usual, category), *_told_complaints(arguments, people, stories, rng)]
    customer, day, category = (np.concatenate(column) for column in zip(*parts, strict=True))
    spoken = people.is_acting(customer, day) & np.isin(people.story[customer], _COMPLAINING_STORIES)
    customer, day, category = customer[spoken], day[spoken], category[spoken]
    second = rng.integers(30_600, 72_000, len(customer))
    order = np.lexsort((customer, second, day))
    customer, day, category, second = customer[order], day[order], category[order], second[order]
    return _answered(customer, day * _DAY + second, category, people, accounts, employees, stories, rng)


def _told_complaints(
    arguments: Arguments, people: People, stories: Stories, rng: np.random.Generator
) -> list[tuple[Array, Array, Array]]:
    parts = []
    service = [CATEGORIES.index("service_attitude"), CATEGORIES.index("response_speed")]
    for name, share in (("complaint_storm", 0.025), ("slow_response", 0.05)):
        for story in stories.named(name):
            clients = np.flatnonzero((people.branch == story.subject) & (people.story == 0))
            count = max(15, round(share * len(clients)))
            customers = rng.choice(clients, count)
            days = rng.integers(story.starts, story.ends + 1, count)
            category = np.array(service)[rng.integers(0, 2, count)]
            if name == "slow_response":
                category = pick(rng, _CATEGORY_SHARES, count)
            parts.append((customers, days, category))
    for story in stories.named("bad_product"):
        buyers = np.flatnonzero(people.story == CUSTOMER_STORIES.index("bad_product"))
        angry = buyers[rng.random(len(buyers)) < _ANGRY_BUYERS]
        days = np.minimum(
            rng.integers(story.starts + 10, story.ends + 15, len(angry)), number_of(arguments.last)
        )
        parts.append((angry, days, np.full(len(angry), CATEGORIES.index("product"))))
    return parts


def _answered(
    customer: Array,
    filed: Array,
    category: Array,
    people: People,
    accounts: Accounts,
    employees: Employees,
    stories: Stories,
    rng: np.random.Generator,
) -> Complaints:
    count, branch, day = len(customer), people.branch[customer], filed // _DAY
    hours = np.exp(rng.normal(np.log(7), 0.7, count))
    for story in stories.named("slow_response"):
        slow = (branch == story.subject) & (story.starts <= day) & (day <= story.ends)
        hours = np.where(slow, rng.uniform(70, 200, count), hours)
    responded = filed + (hours * 3_600).astype(np.int64)
    resolved = responded + (np.exp(rng.normal(np.log(60), 0.8, count)) * 3_600).astype(np.int64)
    is_product = category == CATEGORIES.index("product")
    held = accounts.of["insurance"][customer]
    product = np.where(
        held != NOTHING, accounts.product[held], accounts.product[accounts.of["current"][customer]]
    )
    tellers = employees.first_manager[branch] + rng.integers(0, 1 << 30, count) % employees.managers[branch]
    is_attitude = category == CATEGORIES.index("service_attitude")
    sizes = np.array([len(texts) for texts in COMPLAINTS.values()])
    offsets = np.cumsum(sizes) - sizes
    return Complaints(
        customer=customer,
        filed=filed,
        category=category,
        responded=responded,
        resolved=resolved,
        branch=branch,
        product=np.where(is_product, product, NOTHING),
        employee=np.where(is_attitude, tellers, NOTHING),
        channel=pick(rng, [0.25, 0.0, 0.3, 0.05, 0.1, 0.3], count),
        text=offsets[category] + rng.integers(0, 1 << 30, count) % sizes[category],
    )
