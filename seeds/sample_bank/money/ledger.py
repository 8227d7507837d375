"""Posting: amounts are made to fit the balances, then the balances are moved on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.basics.days import NEVER, Array, Month
from seeds.sample_bank.basics.rows import NOTHING, Rows, channel, kind, rows_from
from seeds.sample_bank.customers.accounts import INVESTMENTS, KINDS, Accounts
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.money.automatic import loan_interest

_KEEP = 0.98
_MOST_OF_A_HOLDING = 0.9
_REVERSAL_SHARE = 0.0065
_REVERSED_NEXT_DAY = 0.25
_REVERSIBLE = [kind(name) for name in ("card_spend", "transfer_out", "withdrawal", "transfer_in", "deposit")]
_REVALUATION = {
    "wealth": (0.002, 0.0005),
    "fund": (0.003, 0.025),
    "insurance": (0.002, 0.0),
    "metal": (0.004, 0.03),
}
"""Mean and deviation of the monthly change of value."""


@dataclass
class Movements:
    """Changes of balances: account, day and change in hundredths, one element each."""

    account: Array
    day: Array
    change: Array


def fit_to_balances(rows: Rows, accounts: Accounts) -> Rows:
    """Decide every amount, so that no current account and no holding falls below zero.

    Rows that are left with nothing are dropped.
    """
    _amounts_from_fractions(rows, accounts)
    _limit_redemptions(rows, accounts)
    _limit_spending(rows, accounts)
    _sweep(rows, accounts)
    return rows.take(rows.cents > 0)


def _amounts_from_fractions(rows: Rows, accounts: Accounts) -> None:
    planned = np.flatnonzero(rows.fraction > 0)
    from_holding = rows.kind[planned] == kind("wealth_redemption")
    source = np.where(from_holding, rows.partner[planned], rows.account[planned])
    cents = np.floor(rows.fraction[planned].astype(np.float64) * accounts.balance[source]).astype(np.int64)
    rows.cents[planned] = np.where(cents >= 100_000, cents // 10_000 * 10_000, cents // 100 * 100)


def _limit_redemptions(rows: Rows, accounts: Accounts) -> None:
    redeemed = np.flatnonzero(rows.kind == kind("wealth_redemption"))
    holdings, position = np.unique(rows.partner[redeemed], return_inverse=True)
    cents, fixed = rows.cents[redeemed], rows.is_fixed[redeemed]
    promised = np.bincount(position, cents * fixed, len(holdings))
    wanted = np.bincount(position, cents * ~fixed, len(holdings))
    room = np.maximum(_MOST_OF_A_HOLDING * accounts.balance[holdings] - promised, 0)
    share = np.minimum(1.0, room / np.maximum(wanted, 1))
    rows.cents[redeemed] = np.where(fixed, cents, np.floor(cents * share[position]).astype(np.int64))


def _cash(rows: Rows, accounts: Accounts) -> Array:
    """Positions of the rows that move a balance: spending by credit card is billed elsewhere."""
    return np.flatnonzero(accounts.kind[rows.account] != KINDS.index("card"))


def _limit_spending(rows: Rows, accounts: Accounts) -> None:
    """Scale what goes out of an account by the largest factor that never overdraws it."""
    cash = _cash(rows, accounts)
    # Within a day money comes in first; the order of the rest does not change the daily balances.
    day_and_direction = (rows.day[cash] - rows.day.min(initial=NEVER)) * 2 + (rows.sign[cash] < 0)
    order = cash[np.argsort(rows.account[cash] * 128 + day_and_direction, kind="stable")]
    if not len(order):
        return
    account, signed = rows.account[order], rows.cents[order] * rows.sign[order]
    starts = np.flatnonzero(np.r_[True, account[1:] != account[:-1]])
    sizes = np.diff(np.r_[starts, len(order)])
    received = _running(np.maximum(signed, 0), starts, sizes) + accounts.balance[account]
    spent = _running(np.maximum(-signed, 0), starts, sizes)
    factor = np.minimum.reduceat(np.where(spent > received, received / np.maximum(spent, 1), 1.0), starts)
    factor = np.repeat(np.where(factor < 1, factor * _KEEP, 1.0), sizes)
    scaled = np.floor(rows.cents[order] * factor).astype(np.int64)
    rows.cents[order] = np.where(signed < 0, scaled, rows.cents[order])


def _running(values: Array, starts: Array, sizes: Array) -> Array:
    """Running sum that begins anew at each start."""
    total = np.cumsum(values)
    before = total[starts] - values[starts]
    return np.asarray(total - np.repeat(before, sizes))


def _sweep(rows: Rows, accounts: Accounts) -> None:
    sweeps = np.flatnonzero(rows.is_sweep)
    if not len(sweeps):
        return
    accounts_swept = rows.account[sweeps]
    order = np.argsort(accounts_swept)
    mine = np.flatnonzero(np.isin(rows.account, accounts_swept))
    slot = np.searchsorted(accounts_swept[order], rows.account[mine])
    change = np.bincount(slot, rows.cents[mine] * rows.sign[mine], len(sweeps)).astype(np.int64)
    rows.cents[sweeps[order]] = accounts.balance[accounts_swept[order]] + change


def reversals(
    rows: Rows,
    numbers: Array,
    people: People,
    accounts: Accounts,
    month: Month,
    last: int,
    rng: np.random.Generator,
) -> Rows:
    """Corrections of some of the posted rows: same amount, other direction, same or next day."""
    count = len(rows)
    hit = np.isin(rows.kind, _REVERSIBLE) & (rng.random(count) < _REVERSAL_SHARE)
    tomorrow = rng.random(count) < _REVERSED_NEXT_DAY
    hit &= (people.story[rows.customer] == 0) & (people.closed[rows.customer] > month.last + 1)
    hit &= (rows.late == 0) & (people.opened[rows.customer] < rows.day)
    # Taking money back must not overdraw: only where all that is spent this month leaves enough.
    spent = np.bincount(rows.account[rows.sign < 0], rows.cents[rows.sign < 0], len(accounts))
    ample = accounts.balance[rows.account] - spent[rows.account] > 8 * rows.cents
    chosen = np.flatnonzero(hit & ((rows.sign < 0) | ample))
    original = rows.take(chosen)
    tomorrow = tomorrow[chosen] & (original.sign < 0) & (original.day < last)
    return rows_from(
        len(chosen),
        customer=original.customer,
        account=original.account,
        day=original.day + tomorrow,
        second=np.where(tomorrow, 32_400, np.minimum(original.second + 900, 86_399)),
        kind=kind("reversal"),
        sign=-original.sign,
        cents=original.cents,
        channel=channel("branch"),
        is_fixed=True,
        reverses=numbers[chosen],
    )


def movements(rows: Rows, accounts: Accounts) -> list[Movements]:
    """What the rows change: the account itself and the holding or loan at the other end."""
    cash = _cash(rows, accounts)
    partnered = rows.take(np.flatnonzero(rows.partner != NOTHING))
    change = -partnered.cents * partnered.sign
    repaid = partnered.kind == kind("loan_repayment")
    interest = np.where(repaid, loan_interest(accounts, partnered.partner), 0)
    principal = np.clip(partnered.cents - interest, 0, accounts.balance[partnered.partner])
    change = np.where(repaid, -principal, change)
    change = np.where(partnered.kind == kind("loan_draw"), partnered.cents, change)
    return [
        Movements(rows.account[cash], rows.day[cash], rows.cents[cash] * rows.sign[cash]),
        Movements(partnered.partner, partnered.day, change),
    ]


def revaluation(month: Month, customers: Array, accounts: Accounts, rng: np.random.Generator) -> Movements:
    """The monthly change of value of investments, on the last day of a month."""
    held, change = [], []
    for name in INVESTMENTS:
        mean, deviation = _REVALUATION[name]
        mine = accounts.of[name][customers]
        mine = mine[mine != NOTHING]
        mine = mine[accounts.balance[mine] > 0]
        rate = np.clip(rng.normal(mean, deviation, len(mine)), -0.08, 0.08)
        held.append(mine)
        change.append(np.round(accounts.balance[mine] * rate).astype(np.int64))
    account = np.concatenate(held)
    return Movements(account, np.full(len(account), month.last), np.concatenate(change))


def post(parts: list[Movements], accounts: Accounts) -> tuple[Array, Array, Array]:
    """Move the balances on.

    Returns:
        Account, day and end-of-day balance for each account and day that has a movement.
    """
    account = np.concatenate([part.account for part in parts]).astype(np.int64)
    day = np.concatenate([part.day for part in parts]).astype(np.int64)
    change = np.concatenate([part.change for part in parts]).astype(np.int64)
    order = np.argsort(account * 2**20 + day, kind="stable")
    account, day, change = account[order], day[order], change[order]
    new_account = np.r_[True, account[1:] != account[:-1]]
    starts = np.flatnonzero(new_account)
    sizes = np.diff(np.r_[starts, len(account)])
    balance = _running(change, starts, sizes) + accounts.balance[account]
    ends_day = np.r_[new_account[1:] | (day[1:] != day[:-1]), True]
    ends_account = np.r_[new_account[1:], True]
    accounts.balance[account[ends_account]] = balance[ends_account]
    return account[ends_day], day[ends_day], balance[ends_day]
