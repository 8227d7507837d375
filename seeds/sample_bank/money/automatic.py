"""What the bank books by itself, and what is paid on fixed days."""

from __future__ import annotations

import numpy as np

from seeds.sample_bank.basics.days import Array, Month, is_bonus_month, working_day_until
from seeds.sample_bank.basics.rows import NOTHING, Rows, rows_of, stack
from seeds.sample_bank.customers.accounts import Accounts
from seeds.sample_bank.customers.people import PAY_DAYS, People

LOAN_RATE = 0.045

_INTEREST_MONTHS = (3, 6, 9, 12)
_INTEREST_DAY = 21
_QUARTERLY_INTEREST = 0.0006
_INTEREST_TAX = 0.05
_FEE_DAY = 25
_INSTALMENT_DAY = 20
_JUDICIAL_PER_MONTH = 4e-5
_FULL_BONUS = 0.8


def automatic_transactions(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Rows:
    """Salaries, instalments, interest with its tax, fees and judicial deductions of a month."""
    return stack(
        [
            *_salaries(month, customers, people, rng),
            _instalments(month, customers, people, accounts, rng),
            *_interest(month, customers, people, accounts, rng),
            _fees(month, customers, people, accounts, rng),
            _judicial(month, customers, people, accounts, rng),
        ]
    )


def _salaries(month: Month, customers: Array, people: People, rng: np.random.Generator) -> list[Rows]:
    parts = []
    for pay_day in PAY_DAYS:
        nominal = month.on(pay_day)
        day = None if nominal is None else max(working_day_until(nominal), month.first)
        paid = customers[people.employer_pay_day[customers] == pay_day]
        # A stream must not depend on the calendar: the numbers are drawn also when nobody is paid.
        wobble, bonus = rng.normal(1, 0.02, len(paid)), rng.uniform(0, _FULL_BONUS, len(paid))
        second = rng.integers(30_000, 45_000, len(paid))
        if day is None:
            continue
        gets = people.is_acting(paid, np.full(len(paid), day)) & (day < people.salary_until[paid])
        yuan = people.turnover[paid] * wobble * (1 + bonus * is_bonus_month(month))
        parts.append(
            rows_of(
                "salary",
                "batch",
                paid[gets],
                account=paid[gets],
                day=np.full(gets.sum(), day),
                second=second[gets],
                cents=np.round(yuan[gets] * 100),
            )
        )
    return parts


def _instalments(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Rows:
    loan = accounts.of["loan"][customers]
    loan = loan[loan != NOTHING]
    second = rng.integers(3_600, 18_000, len(loan))
    day = month.on(_INSTALMENT_DAY)
    owed = accounts.balance[loan] + loan_interest(accounts, loan)
    due = (accounts.balance[loan] > 0) & (accounts.opened[loan] < month.first)
    due &= day is not None
    who = accounts.customer[loan[due]]
    return rows_of(
        "loan_repayment",
        "batch",
        who,
        account=who,
        partner=loan[due],
        day=np.full(len(who), day or 0),
        second=second[due],
        cents=np.minimum(accounts.instalment[loan[due]], owed[due]),
    )


def loan_interest(accounts: Accounts, loan: Array) -> Array:
    """Interest of a month on what is owed, in hundredths."""
    return np.round(accounts.balance[loan] * (LOAN_RATE / 12)).astype(np.int64)


def _interest(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> list[Rows]:
    bearing = np.concatenate([accounts.of[name][customers] for name in ("current", "usd", "hkd")])
    bearing = bearing[bearing != NOTHING]
    average = rng.uniform(0.92, 1.02, len(bearing))
    day = month.on(_INTEREST_DAY) if month.calendar.month in _INTEREST_MONTHS else None
    if day is None:
        return []
    cents = np.floor(accounts.balance[bearing] * _QUARTERLY_INTEREST * average).astype(np.int64)
    paid = (cents >= 1) & (accounts.opened[bearing] < day) & (accounts.closed[bearing] > day)
    bearing, cents = bearing[paid], cents[paid]
    tax = np.floor(cents * _INTEREST_TAX).astype(np.int64)
    who, taxed = accounts.customer[bearing], tax >= 1
    return [
        rows_of(
            "interest", "batch", who, account=bearing, day=np.full(len(who), day), second=600, cents=cents
        ),
        rows_of(
            "interest_tax",
            "batch",
            who[taxed],
            account=bearing[taxed],
            day=np.full(taxed.sum(), day),
            second=601,
            cents=tax[taxed],
        ),
    ]


def _fees(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Rows:
    payers = customers[people.is_fee_payer[customers]]
    cents = np.where(people.is_corporate[payers], 3_000, 200 * rng.integers(1, 6, len(payers)))
    day = month.on(_FEE_DAY)
    due = (people.opened[payers] < month.first) & (people.closed[payers] > (day or 0))
    due &= day is not None
    who = payers[due]
    return rows_of(
        "fee", "batch", who, account=who, day=np.full(len(who), day or 0), second=7_200, cents=cents[due]
    )


def _judicial(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Rows:
    hit = rng.random(len(customers)) < _JUDICIAL_PER_MONTH
    day = rng.integers(month.first, month.last + 1, len(customers))
    fraction = rng.uniform(0.1, 0.5, len(customers))
    hit &= (
        (people.opened[customers] < month.first)
        & (people.closed[customers] > day)
        & (people.story[customers] == 0)
    )
    who = customers[hit]
    return rows_of("judicial", "batch", who, account=who, day=day[hit], second=36_000, fraction=fraction[hit])
