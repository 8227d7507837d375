"""Who the customers are and what habits they have. A customer is its position everywhere here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import NEVER, Array, months, number_of
from seeds.sample_bank.basics.randomness import pick, stream
from seeds.sample_bank.customers.catalogue import Branches

CORPORATE_SHARE = 0.04
PAY_DAYS = (5, 10, 15)
NO_ONE = -1

_GROWTH_PER_MONTH = 0.0085
_MANAGED_SHARE = 0.2
_SLEEPER, _LIGHT, _HEAVY = range(3)
_HABITS_OF_INDIVIDUALS = [0.32, 0.46, 0.22]
_HABITS_OF_CORPORATES = [0.10, 0.40, 0.50]
_AUTOMATIC_PER_MONTH = 1.25
"""Salaries, interest, fees and instalments that come on top of what customers do themselves."""


@dataclass
class People:
    """One array element per customer, ordered by opening day.

    Attributes:
        opened: Opening day.
        closed: Closing day, NEVER while open.
        is_corporate: Corporate or individual.
        birth: Day of birth of individuals.
        branch: Branch that looks after the customer.
        is_managed: Whether an account manager is named.
        wealth: What the customer keeps at the bank, CNY.
        turnover: Monthly money in, CNY.
        rate: Own transactions in a usual month.
        regular: Evenly spread transactions a month; 0 = at random with ``rate``.
        growth: Monthly growth of ``regular``.
        employer_pay_day: Day of the month of the salary, 0 = no salary here.
        salary_until: First day without salary.
        quiet_from, quiet_to: The customer does nothing on days in [quiet_from, quiet_to).
        is_simple: Holds nothing but a current account.
        story: Position of the planted story, 0 = none.
        has_app: Uses the mobile bank.
        is_fee_payer: Pays the monthly account fee.
        mood: Personal satisfaction, points of a 0 to 10 scale.
        is_vip_elsewhere, is_head_office_client: As in the contract.
        linked_corporate: Corporate customer of which the individual is an officer, or NO_ONE.
        is_principal: Principal (else chief financial officer) of the linked corporate.
    """

    opened: Array
    closed: Array
    is_corporate: Array
    birth: Array
    branch: Array
    is_managed: Array
    wealth: Array
    turnover: Array
    rate: Array
    regular: Array
    growth: Array
    employer_pay_day: Array
    salary_until: Array
    quiet_from: Array
    quiet_to: Array
    is_simple: Array
    story: Array
    has_app: Array
    is_fee_payer: Array
    mood: Array
    is_vip_elsewhere: Array
    is_head_office_client: Array
    linked_corporate: Array
    is_principal: Array

    def __len__(self) -> int:
        """Number of customers."""
        return len(self.opened)

    def is_acting(self, customers: Array, days: Array) -> Array:
        """Whether each customer may do something of its own accord on the day beside it."""
        quiet = (self.quiet_from[customers] <= days) & (days < self.quiet_to[customers])
        return (self.opened[customers] <= days) & (days < self.closed[customers]) & ~quiet


def people_of(arguments: Arguments, branches: Branches) -> People:
    """Draw the customers: heavy-tailed wealth and activity, steady acquisition."""
    count, first, last = arguments.customers, number_of(arguments.first), number_of(arguments.last)
    rng = stream(arguments.seed, "people")
    is_corporate = np.zeros(count, dtype=bool)
    is_corporate[rng.permutation(count)[: max(8, round(CORPORATE_SHARE * count))]] = True
    opened = _opening_days(arguments, rng)
    branch = np.searchsorted(np.cumsum(branches.weights)[:-1], rng.random(count), side="right")
    wealth = np.where(is_corporate, 900_000.0, 15_000.0) * np.exp(
        rng.normal(0, 1, count) * np.where(is_corporate, 2.0, 1.9)
    )
    wealth = np.clip(wealth * branches.wealth[branch], 20.0, 3e8)
    turnover = np.where(
        is_corporate,
        wealth * rng.uniform(0.1, 0.4, count),
        6_500 * np.exp(rng.normal(0, 0.5, count)) * (wealth / 15_000) ** 0.25,
    )
    birth = opened - np.clip(16 + rng.gamma(3.0, 8.0, count), 16, 72) * 365.25
    age = (first - birth) / 365.25
    has_salary = ~is_corporate & (age > 20) & (age < 60) & (rng.random(count) < 0.5)
    by_wealth = np.argsort(np.argsort(np.where(is_corporate, 1e12, wealth)))
    people = People(
        opened=opened,
        closed=np.full(count, NEVER),
        is_corporate=is_corporate,
        birth=birth.astype(np.int64),
        branch=branch,
        is_managed=by_wealth >= (1 - _MANAGED_SHARE) * count,
        wealth=wealth,
        turnover=turnover,
        rate=_own_rates(is_corporate, arguments.transactions_per_month, rng),
        regular=np.zeros(count),
        growth=np.zeros(count),
        employer_pay_day=np.where(has_salary, np.array(PAY_DAYS)[pick(rng, [0.25, 0.45, 0.3], count)], 0),
        salary_until=np.full(count, NEVER),
        quiet_from=np.full(count, NEVER),
        quiet_to=np.full(count, NEVER),
        is_simple=np.zeros(count, dtype=bool),
        story=np.zeros(count, dtype=np.int8),
        has_app=rng.random(count) < 0.65,
        is_fee_payer=rng.random(count) < 0.12,
        mood=rng.normal(0, 1.1, count),
        is_vip_elsewhere=~is_corporate & (rng.random(count) < np.where(wealth > 100_000, 0.06, 0.01)),
        is_head_office_client=np.zeros(count, dtype=bool),
        linked_corporate=np.full(count, NO_ONE),
        is_principal=np.zeros(count, dtype=bool),
    )
    _link_principals(people, first, rng)
    _close_some(people, first, last, rng)
    return people


def _opening_days(arguments: Arguments, rng: np.random.Generator) -> Array:
    first, last = number_of(arguments.first), number_of(arguments.last)
    span = sum(1 for _ in months(arguments.first, arguments.last))
    new = round(arguments.customers * min(0.35, _GROWTH_PER_MONTH * span)) if last > first else 0
    tenure = np.clip(rng.gamma(1.4, 4.0, arguments.customers - new) * 365.25, 30, 25 * 365)
    joined = rng.integers(first + 1, last + 1, new) if new else np.empty(0)
    # Branches open few accounts at weekends: those days move to the Monday after, if there is one.
    weekday = (joined + 3) % 7
    joined = np.where((weekday >= 5) & (joined + 7 - weekday <= last), joined + 7 - weekday, joined)
    return np.sort(np.concatenate([first - tenure, joined]).astype(np.int64))


def _own_rates(is_corporate: Array, transactions_per_month: float, rng: np.random.Generator) -> Array:
    count = len(is_corporate)
    habit = np.where(
        is_corporate, pick(rng, _HABITS_OF_CORPORATES, count), pick(rng, _HABITS_OF_INDIVIDUALS, count)
    )
    sleepy = rng.uniform(0.0, 0.16, count)
    light = rng.uniform(0.8, 2.8, count)
    heavy = np.minimum(7.6 * rng.random(count) ** (-1 / 7), 45.0)
    rate = np.select([habit == _SLEEPER, habit == _LIGHT], [sleepy, light], heavy)
    wanted = max(0.5, transactions_per_month - _AUTOMATIC_PER_MONTH)
    return np.asarray(rate * wanted / rate.mean())


def _link_principals(people: People, first: int, rng: np.random.Generator) -> None:
    corporates = np.flatnonzero(
        people.is_corporate & (people.opened < first) & (rng.random(len(people)) < 0.4)
    )
    individuals = rng.permutation(np.flatnonzero(~people.is_corporate))[: len(corporates)]
    people.linked_corporate[individuals] = corporates[: len(individuals)]
    people.is_principal[individuals] = rng.random(len(individuals)) < 0.7


def _close_some(people: People, first: int, last: int, rng: np.random.Generator) -> None:
    """About 1 % of the quieter individuals a year close their only account."""
    if last - first < 90:
        return
    chance = 0.014 * (last - first) / 365
    may_close = ~people.is_corporate & (people.rate < 3) & (people.employer_pay_day == 0)
    may_close &= (people.opened < first) & (people.linked_corporate == NO_ONE)
    chosen = np.flatnonzero(may_close & (rng.random(len(people)) < chance))
    people.is_simple[chosen] = True
    people.closed[chosen] = rng.integers(first + 30, last + 1, len(chosen))
