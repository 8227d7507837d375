"""Planted stories: who does what from when to when, so that detection can be measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import NEVER, Array, add_months, number_of, working_day_until
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.customers.catalogue import BAD_PRODUCT, PRODUCT_IDS, Branches
from seeds.sample_bank.customers.people import NO_ONE, People

OBSERVED_MONTHS = 8
"""Months of habit before a story breaks it."""

OBSERVED_DAYS_AFTER = 45
"""Days that remain after the break, so that it can be seen."""

CUSTOMER_STORIES = (
    "none",
    "steady",
    "growing",
    "frequency_drop",
    "asset_drain",
    "salary_stopped",
    "transfer_to_other_bank",
    "dormant",
    "won_back",
    "detractor_then_gone",
    "satisfaction_decline",
    "vip_through_corporate",
    "corporate_large_movement",
    "bad_product",
)
_MOST_TURNED_OVER = 0.25
"""Part of the balance that moves in a month: an account that runs dry would tell another story."""

NEED_A_LONG_RUN = CUSTOMER_STORIES[3:11]
"""Stories that break a habit, and so need one first."""


@dataclass(frozen=True)
class Story:
    """One planted story.

    Attributes:
        name: The story.
        subject_type: customer, corporate, branch or product.
        subject: Position of the subject in its list.
        starts: First day of what is to be detected (of the habit, where nothing breaks).
        ends: Last day of it.
        note: What happens.
    """

    name: str
    subject_type: str
    subject: int
    starts: int
    ends: int
    note: str


@dataclass
class Stories:
    """All planted stories and the notes on those that do not fit into the run."""

    planted: list[Story] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def named(self, name: str) -> list[Story]:
        """The stories of a name."""
        return [story for story in self.planted if story.name == name]


@dataclass
class _Cast:
    """What every story is written with."""

    arguments: Arguments
    people: People
    stories: Stories
    rng: np.random.Generator
    free_individuals: Iterator[int]
    first: int
    last: int

    def take(self, name: str, count: int) -> Array:
        """Individuals that no other story uses, freed of links, salary, closing and products."""
        chosen = np.array([next(self.free_individuals) for _ in range(count)])
        people = self.people
        people.story[chosen] = CUSTOMER_STORIES.index(name)
        people.is_simple[chosen] = True
        people.employer_pay_day[chosen] = 0
        people.linked_corporate[chosen] = NO_ONE
        people.turnover[chosen] = self.rng.uniform(6_000, 15_000, count)
        return chosen

    def starts(self, count: int, room_after: int = OBSERVED_DAYS_AFTER) -> Array:
        """Days on which habits break: late enough to have a habit, early enough to be seen."""
        low = number_of(add_months(self.arguments.first, OBSERVED_MONTHS))
        high = max(low, self.last - room_after)
        return self.rng.integers(low, high + 1, count)

    def tell(self, name: str, customers: Array, starts: Array, ends: Array, note: str) -> None:
        """Record the label of each customer."""
        for customer, start, end in zip(customers, starts, np.minimum(ends, self.last), strict=True):
            self.stories.planted.append(Story(name, "customer", int(customer), int(start), int(end), note))


def plant_stories(arguments: Arguments, people: People, branches: Branches) -> Stories:
    """Choose the subjects, bend their habits to the stories and return the labels."""
    rng = stream(arguments.seed, "stories")
    first, last = number_of(arguments.first), number_of(arguments.last)
    candidates = ~people.is_corporate & (people.opened < first - 60) & (people.closed == NEVER)
    cast = _Cast(
        arguments,
        people,
        Stories(),
        rng,
        iter(rng.permutation(np.flatnonzero(candidates)).tolist()),
        first,
        last,
    )
    fits = number_of(add_months(arguments.first, OBSERVED_MONTHS)) <= last - OBSERVED_DAYS_AFTER
    for name, write in _WRITERS.items():
        if name in NEED_A_LONG_RUN and not fits:
            cast.stories.left_out.append(name)
        else:
            write(cast, arguments.per_story)
    told = (people.story > 0) & ~people.is_corporate
    people.turnover[told] = np.minimum(people.turnover[told], _MOST_TURNED_OVER * people.wealth[told])
    _corporate_stories(cast)
    _house_stories(cast, branches)
    return cast.stories


def _steady(cast: _Cast, count: int) -> None:
    chosen = cast.take("steady", count)
    cast.people.regular[chosen] = 10
    cast.people.wealth[chosen] = cast.rng.uniform(40_000, 200_000, count)
    cast.people.turnover[chosen] = 0.06 * cast.people.wealth[chosen]
    start, end = np.full(count, cast.first), np.full(count, cast.last)
    cast.tell("steady", chosen, start, end, "same habit and balance throughout; nothing to report")


def _growing(cast: _Cast, count: int) -> None:
    chosen = cast.take("growing", count)
    cast.people.regular[chosen] = 7
    cast.people.growth[chosen] = 0.04
    cast.people.wealth[chosen] = cast.rng.uniform(50_000, 300_000, count)
    cast.people.turnover[chosen] = 0.06 * cast.people.wealth[chosen]
    start, end = np.full(count, cast.first), np.full(count, cast.last)
    cast.tell("growing", chosen, start, end, "about 4 % more activity and money every month")


def _frequency_drop(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("frequency_drop", count), cast.starts(count)
    cast.people.regular[chosen] = 11
    cast.people.wealth[chosen] = cast.rng.uniform(10_000, 200_000, count)
    cast.people.quiet_from[chosen] = starts
    end = np.full(count, cast.last)
    cast.tell(
        "frequency_drop", chosen, starts, end, "about 11 active days a month, then at most one withdrawal"
    )


def _asset_drain(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("asset_drain", count), cast.starts(count)
    cast.people.regular[chosen] = 8
    cast.people.wealth[chosen] = cast.rng.uniform(200_000, 800_000, count)
    cast.tell("asset_drain", chosen, starts, starts + 80, "weekly transfers out take most of the balance")


def _salary_stopped(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("salary_stopped", count), cast.starts(count)
    cast.people.regular[chosen] = 7
    cast.people.wealth[chosen] = cast.rng.uniform(10_000, 150_000, count)
    cast.people.employer_pay_day[chosen] = 10
    cast.people.salary_until[chosen] = starts
    end = np.full(count, cast.last)
    cast.tell(
        "salary_stopped", chosen, starts, end, "monthly salary until the day before; everything else goes on"
    )


def _transfer_to_other_bank(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("transfer_to_other_bank", count), cast.starts(count)
    cast.people.regular[chosen] = 8
    cast.people.wealth[chosen] = cast.rng.uniform(150_000, 1_000_000, count)
    note = "three same-name transfers to another bank take about two thirds of the balance"
    cast.tell("transfer_to_other_bank", chosen, starts, starts + 20, note)


def _dormant(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("dormant", count), cast.starts(count, room_after=185)
    cast.people.regular[chosen] = 7
    cast.people.wealth[chosen] = cast.rng.uniform(4_000, 60_000, count)
    cast.people.quiet_from[chosen] = starts
    end = np.full(count, cast.last)
    cast.tell("dormant", chosen, starts, end, "nothing but interest, its tax and fees")


def _won_back(cast: _Cast, count: int) -> None:
    chosen = cast.take("won_back", count)
    silence = cast.rng.integers(190, 201, count)
    latest = cast.last - OBSERVED_DAYS_AFTER - 200
    habit = min(number_of(add_months(cast.arguments.first, OBSERVED_MONTHS)), max(latest, cast.first + 40))
    starts = cast.rng.integers(habit, max(habit, latest) + 1, count)
    cast.people.regular[chosen] = 8
    cast.people.wealth[chosen] = cast.rng.uniform(5_000, 100_000, count)
    cast.people.quiet_from[chosen] = starts
    cast.people.quiet_to[chosen] = starts + silence
    note = "silent from starts_on to ends_on, active again the day after"
    cast.tell("won_back", chosen, starts, starts + silence - 1, note)


def _detractor_then_gone(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("detractor_then_gone", count), cast.starts(count)
    cast.people.regular[chosen] = 8
    cast.people.wealth[chosen] = cast.rng.uniform(10_000, 300_000, count)
    cast.people.quiet_from[chosen] = starts
    cast.people.closed[chosen] = starts + cast.rng.integers(3, 15, count)
    note = (
        "promoter about four months before, detractor two weeks before, then empties and closes the account"
    )
    cast.tell("detractor_then_gone", chosen, starts, cast.people.closed[chosen], note)


def _satisfaction_decline(cast: _Cast, count: int) -> None:
    chosen, starts = cast.take("satisfaction_decline", count), cast.starts(count)
    cast.people.regular[chosen] = 8
    cast.people.wealth[chosen] = cast.rng.uniform(10_000, 150_000, count)
    end = np.full(count, cast.last)
    cast.tell(
        "satisfaction_decline", chosen, starts, end, "CSAT 5 about three months before, 2 or 3 on starts_on"
    )


def _vip_through_corporate(cast: _Cast, count: int) -> None:
    """Officers of head-office clients, too poor to be important by themselves."""
    people, few = cast.people, max(3, count // 4)
    corporates = np.flatnonzero(people.is_corporate & (people.opened < cast.first))
    clients = cast.rng.permutation(corporates)[: -(-few // 2)]
    people.is_head_office_client[clients] = True
    people.wealth[clients] = cast.rng.uniform(3e7, 2e8, len(clients))
    people.turnover[clients] = people.wealth[clients] * 0.4
    chosen = cast.take("vip_through_corporate", few)
    people.is_simple[chosen] = False
    people.rate[chosen] = 3.0
    people.wealth[chosen] = cast.rng.uniform(20_000, 100_000, few)
    people.linked_corporate[chosen] = np.tile(clients, 2)[:few]
    people.is_principal[chosen] = np.arange(few) < len(clients)
    start, end = np.full(few, cast.first), np.full(few, cast.last)
    note = "officer of a head-office client; own assets are modest"
    cast.tell("vip_through_corporate", chosen, start, end, note)


def _corporate_stories(cast: _Cast) -> None:
    people = cast.people
    free = people.is_corporate & (people.opened < cast.first) & ~people.is_head_office_client
    corporates = np.flatnonzero(free)
    count = min(max(3, len(corporates) // 40), len(corporates))
    chosen = cast.rng.permutation(corporates)[:count]
    low, high = _second_half(cast)
    starts = np.array([working_day_until(int(day)) for day in cast.rng.integers(low, high + 1, count)])
    people.story[chosen] = CUSTOMER_STORIES.index("corporate_large_movement")
    people.is_simple[chosen] = True
    people.wealth[chosen] = cast.rng.uniform(1.2e7, 6e7, count)
    people.turnover[chosen] = people.wealth[chosen] * 0.04
    people.regular[chosen] = 6
    note = "45 % of the balance leaves on one day"
    for customer, start in zip(chosen, starts, strict=True):
        cast.stories.planted.append(
            Story("corporate_large_movement", "corporate", int(customer), int(start), int(start), note)
        )


def _house_stories(cast: _Cast, branches: Branches) -> None:
    """Stories of a branch or a product; they are found in feedback, not in accounts."""
    low, _ = _second_half(cast)
    storm, slow = cast.rng.permutation(np.arange(1, len(branches)))[:2]
    for name, kind, subject, days, note in (
        ("complaint_storm", "branch", int(storm), 21, "many complaints about attitude and speed"),
        ("slow_response", "branch", int(slow), 90, "first responses take days instead of hours"),
        ("bad_product", "product", BAD_PRODUCT, 28, f"buyers of {PRODUCT_IDS[BAD_PRODUCT]} give it back"),
    ):
        start = int(cast.rng.integers(low, max(low, cast.last - days - OBSERVED_DAYS_AFTER) + 1))
        cast.stories.planted.append(Story(name, kind, subject, start, min(start + days, cast.last), note))
    buyers = cast.take("bad_product", max(6, round(0.006 * cast.arguments.customers)))
    cast.people.regular[buyers] = 0
    cast.people.rate[buyers] = 2.0
    cast.people.wealth[buyers] = cast.rng.uniform(40_000, 250_000, len(buyers))


def _second_half(cast: _Cast) -> tuple[int, int]:
    middle = cast.first + (cast.last - cast.first) // 2
    return middle, max(middle, cast.last - OBSERVED_DAYS_AFTER)


_WRITERS: dict[str, Callable[[_Cast, int], None]] = {
    "steady": _steady,
    "growing": _growing,
    "frequency_drop": _frequency_drop,
    "asset_drain": _asset_drain,
    "salary_stopped": _salary_stopped,
    "transfer_to_other_bank": _transfer_to_other_bank,
    "dormant": _dormant,
    "won_back": _won_back,
    "detractor_then_gone": _detractor_then_gone,
    "satisfaction_decline": _satisfaction_decline,
    "vip_through_corporate": _vip_through_corporate,
}
