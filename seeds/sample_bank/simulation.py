"""Lets the bank live month by month and writes what it delivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.bank import Bank, draw
from seeds.sample_bank.basics.days import Array, Month, months
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.basics.rows import NOTHING, Rows, kind, rows_from, stack
from seeds.sample_bank.customers.accounts import Accounts
from seeds.sample_bank.feedback.complaints import complaints_of
from seeds.sample_bank.feedback.contacts import INTERACTION_TYPES, Interactions, interactions_of
from seeds.sample_bank.feedback.surveys import Surveys, surveys_of
from seeds.sample_bank.money.activity import own_transactions
from seeds.sample_bank.money.automatic import automatic_transactions
from seeds.sample_bank.money.ledger import Movements, fit_to_balances, movements, post, revaluation, reversals
from seeds.sample_bank.money.returns import (
    cancellations,
    early_repayment_records,
    early_repayments,
    stack_returns,
)
from seeds.sample_bank.writing import entities
from seeds.sample_bank.writing.dirt import NoDirt, PlantedDirt, dirt_of
from seeds.sample_bank.writing.files import text_engine
from seeds.sample_bank.writing.reference import write_reference_data
from seeds.sample_bank.writing.truth import write_truth

_CUSTOMERS_AT_A_TIME = 200_000
"""Fixed, because the random streams are named by these ranges."""

_OTHER_LINES_PER_CUSTOMER_MONTH = 5.5

Progress = Callable[[str], None]


def build(arguments: Arguments, landing: Path, progress: Progress) -> None:
    """Write every delivery of the bank, and the truth about it, into an empty folder."""
    progress(f"drawing {arguments.customers:,} customers")
    bank = draw(arguments)
    if bank.stories.left_out:
        names = ", ".join(bank.stories.left_out)
        progress(f"the run is too short for some stories (they need 8 months and 45 days): {names}")
    dirt = _dirt_of(bank)
    engine = text_engine()
    writers = entities.Writers(landing, dirt, bank.first)
    write_reference_data(bank, landing)
    entities.write_master_data(engine, writers, bank)
    surveys = surveys_of(arguments, bank.people, bank.branches, bank.stories)
    complaints = complaints_of(arguments, bank.people, bank.accounts, bank.employees, bank.stories)
    entities.write_feedback(engine, writers, surveys, complaints, bank)
    _live(bank, surveys, engine, writers, progress)
    entities.write_returns(engine, writers, stack_returns(bank.returns))
    writers.finish(range(bank.first, bank.last + 1))
    write_truth(arguments, bank.stories, dirt.planted, landing)


def _dirt_of(bank: Bank) -> PlantedDirt | NoDirt:
    arguments = bank.arguments
    if not arguments.dirt:
        return NoDirt()
    span = sum(1 for _ in months(arguments.first, arguments.last))
    per_month = _OTHER_LINES_PER_CUSTOMER_MONTH + arguments.transactions_per_month
    expected = arguments.customers * span * per_month
    return dirt_of(arguments.seed, expected, bank.first, bank.last, entities.headers())


@dataclass
class _Posted:
    """What a range of customers did in a month."""

    rows: Rows
    numbers: Array
    later: Rows
    balances: tuple[Array, Array, Array]
    contacts: Interactions


def _live(
    bank: Bank,
    surveys: Surveys,
    engine: duckdb.DuckDBPyConnection,
    writers: entities.Writers,
    progress: Progress,
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
        entities.write_transactions(
            engine,
            writers,
            bank.accounts,
            stack([part.rows for part in posted]),
            np.concatenate([part.numbers for part in posted]),
        )
        entities.write_balances(
            engine,
            writers,
            *(np.concatenate(column) for column in zip(*(part.balances for part in posted), strict=True)),
        )
        entities.write_interactions(
            engine, writers, [part.contacts for part in posted] + [_answers(surveys, month)]
        )
        progress(f"{month.calendar:%Y-%m}: {sum(len(part.rows) for part in posted):,} transactions")


def _month_of(bank: Bank, month: Month, customers: Array, carried: Rows, next_number: int) -> _Posted:
    people, accounts = bank.people, bank.accounts
    rng = stream(bank.arguments.seed, "month", month.index, int(customers[0]))
    begin, end = np.searchsorted(bank.planned.day, [month.first, month.last + 1])
    due = bank.planned.take(np.arange(begin, end))
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
    accounts.target[accounts.of["current"][customers]] *= 1 + people.growth[customers]
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
    told = (surveys.answered >= month.first) & (surveys.answered <= month.last)
    count = int(told.sum())
    return Interactions(
        surveys.customer[told],
        surveys.answered[told],
        surveys.answered_second[told],
        np.full(count, INTERACTION_TYPES.index("survey_answer")),
        np.full(count, NOTHING),
    )
