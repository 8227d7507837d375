"""The whole bank: draws it, lets it live month by month, and writes what it delivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from seeds.sample_bank import deliver
from seeds.sample_bank.accounts import Accounts, accounts_of
from seeds.sample_bank.activity import own_transactions
from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.automatic import automatic_transactions
from seeds.sample_bank.catalogue import Branches, Employees, branches_of, employees_of
from seeds.sample_bank.contacts import INTERACTION_TYPES, Interactions, interactions_of
from seeds.sample_bank.days import NEVER, Array, Month, months, number_of
from seeds.sample_bank.delivery import text_engine
from seeds.sample_bank.dirt import NoDirt, PlantedDirt, dirt_of
from seeds.sample_bank.feedback import Surveys, complaints_of, surveys_of
from seeds.sample_bank.ledger import Movements, fit_to_balances, movements, post, revaluation, reversals
from seeds.sample_bank.people import People, people_of
from seeds.sample_bank.planned import planned_rows
from seeds.sample_bank.randomness import stream
from seeds.sample_bank.returns import (
    Returns,
    cancellations,
    early_repayment_records,
    early_repayments,
    early_withdrawals,
    stack_returns,
)
from seeds.sample_bank.rows import NOTHING, Rows, kind, rows_from, stack
from seeds.sample_bank.stories import Stories, plant_stories

_CUSTOMERS_AT_A_TIME = 200_000
"""Fixed, because the random streams are named by these ranges."""
_LINES_PER_CUSTOMER_MONTH = 6.5


@dataclass
class Bank:
    """Everything that is drawn before the first day."""

    arguments: Arguments
    branches: Branches
    people: People
    stories: Stories
    employees: Employees
    accounts: Accounts
    planned: Rows
    returns: list[Returns]

    @property
    def first(self) -> int:
        """First business date, a day number."""
        return number_of(self.arguments.first)

    @property
    def last(self) -> int:
        """Last business date, a day number."""
        return number_of(self.arguments.last)


def draw(arguments: Arguments) -> Bank:
    """The bank on the evening before its first day, and what is already certain."""
    branches = branches_of(arguments)
    people = people_of(arguments, branches)
    stories = plant_stories(arguments, people, branches)
    managed = np.bincount(people.branch[people.is_managed], minlength=len(branches))
    employees = employees_of(arguments, managed)
    accounts, openings = accounts_of(arguments, people, stories)
    withdrawn, returned = early_withdrawals(arguments, people, accounts)
    planned = stack([openings, withdrawn, planned_rows(arguments, people, accounts, stories)])
    planned = planned.take(np.argsort(planned.day, kind="stable"))
    return Bank(arguments, branches, people, stories, employees, accounts, planned, [returned])


def build(arguments: Arguments, landing: Path, progress: Callable[[str], None]) -> None:
    """Write every delivery of the bank, and the truth about it, into an empty folder."""
    progress(f"drawing {arguments.customers:,} customers")
    bank = draw(arguments)
    for name in bank.stories.left_out:
        progress(f"the run is too short for the story {name}: it needs 8 months and 45 days")
    span = sum(1 for _ in months(arguments.first, arguments.last))
    expected = arguments.customers * span * (_LINES_PER_CUSTOMER_MONTH + arguments.transactions_per_month)
    dirt: PlantedDirt | NoDirt = NoDirt()
    if arguments.dirt:
        dirt = dirt_of(arguments.seed, expected, bank.first, bank.last, deliver.headers())
    engine = text_engine()
    writers = deliver.Writers(landing, dirt, bank.first)
    deliver.write_reference_data(arguments, bank.branches, bank.employees, landing)
    deliver.write_master_data(engine, writers, bank)
    surveys = surveys_of(arguments, bank.people, bank.branches, bank.stories)
    complaints = complaints_of(arguments, bank.people, bank.accounts, bank.employees, bank.stories)
    deliver.write_feedback(engine, writers, surveys, complaints, bank)
    _live(bank, surveys, engine, writers, progress)
    deliver.write_returns(engine, writers, stack_returns(bank.returns))
    writers.finish(range(bank.first, bank.last + 1))
    deliver.write_truth(bank.stories, dirt, landing)


@dataclass
class _Posted:
    """What a range of customers did in a month."""

    rows: Rows
    numbers: Array
    later: Rows
    balances: tuple[Array, Array, Array]
    contacts: Interactions


def _live(
    bank: Bank, surveys: Surveys, engine: duckdb.DuckDBPyConnection, writers: deliver.Writers, progress: Callable[[str], None]
) -> None:
    """Month by month: post, write, go on. Only one month is ever in memory."""
    next_number, carried = 0, rows_from(0)
    for month in months(bank.arguments.first, bank.arguments.last):
        posted: list[_Posted] = []
        for start in range(0, len(bank.people), _CUSTOMERS_AT_A_TIME):
            customers = np.arange(start, min(start + _CUSTOMERS_AT_A_TIME, len(bank.people)))
            result = _month_of(bank, month, customers, carried, next_number)
            next_number += len(result.rows)
            posted.append(result)
        carried = stack([part.later for part in posted])
        deliver.write_transactions(
            engine,
            writers,
            bank.accounts,
            stack([part.rows for part in posted]),
            np.concatenate([part.numbers for part in posted]),
        )
        deliver.write_balances(
            engine, writers, *(np.concatenate(column) for column in zip(*(part.balances for part in posted), strict=True))
        )
        deliver.write_interactions(engine, writers, [part.contacts for part in posted] + [_answers(surveys, month)])
        progress(f"{month.calendar:%Y-%m}: {sum(len(part.rows) for part in posted):,} transactions")


def _month_of(bank: Bank, month: Month, customers: Array, carried: Rows, next_number: int) -> _Posted:
    people, accounts = bank.people, bank.accounts
    rng = stream(bank.arguments.seed, "month", month.index, int(customers[0]))
    due = bank.planned.take(slice(*np.searchsorted(bank.planned.day, [month.first, month.last + 1])))
    known = stack([due, carried])
    mine = (known.customer >= customers[0]) & (known.customer <= customers[-1])
    rows = stack(
        [
            known.take(mine),
            automatic_transactions(month, customers, people, accounts, rng),
            early_repayments(month, customers, accounts, rng),
            own_transactions(month, customers, people, accounts, rng),
        ]
    )
    rows = fit_to_balances(rows, accounts)
    _lower_targets(rows, accounts)
    numbers = next_number + np.arange(len(rows))
    corrected = reversals(rows, numbers, people, accounts, month, bank.last, rng)
    given_back, records = cancellations(rows, people, accounts, bank.stories, bank.last, rng)
    bank.returns += [records, early_repayment_records(rows, accounts)]
    follow_up = stack([corrected, given_back])
    now = follow_up.day <= month.last
    rows = stack([rows, follow_up.take(now)])
    changes = movements(rows, accounts)
    if month.ends_with_calendar_month:
        changes.append(revaluation(month, customers, accounts, rng))
    if month.index == 0:
        changes.append(_opening_balances(bank, customers))
    return _Posted(
        rows=rows,
        numbers=next_number + np.arange(len(rows)),
        later=follow_up.take(~now),
        balances=post(changes, accounts),
        contacts=interactions_of(month, customers, people, bank.employees, rng),
    )


def _lower_targets(rows: Rows, accounts: Accounts) -> None:
    """Money saved up for a first purchase is no longer wanted in the current account afterwards."""
    bought = rows.take((rows.kind == kind("wealth_purchase")) & (accounts.opened[rows.partner] == rows.day))
    np.subtract.at(accounts.target, bought.account, bought.cents)


def _opening_balances(bank: Bank, customers: Array) -> Movements:
    """The first delivery tells the balance of every account, moved or not."""
    accounts = bank.accounts
    has_balance = ~accounts.is_kind("card") & (accounts.opened < bank.first)
    mine = (accounts.customer >= customers[0]) & (accounts.customer <= customers[-1])
    told = np.flatnonzero(has_balance & mine)
    return Movements(told, np.full(len(told), bank.first), np.zeros(len(told), dtype=np.int64))


def _answers(surveys: Surveys, month: Month) -> Interactions:
    """An answered survey is a contact too."""
    told = (surveys.answered >= month.first) & (surveys.answered <= month.last) & (surveys.answered != NEVER)
    count = int(told.sum())
    return Interactions(
        surveys.customer[told],
        surveys.answered[told],
        surveys.answered_second[told],
        np.full(count, INTERACTION_TYPES.index("survey_answer")),
        np.full(count, NOTHING),
    )
