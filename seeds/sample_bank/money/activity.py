"""What customers do of their own accord in one month."""

from __future__ import annotations

import numpy as np

from seeds.sample_bank.basics.days import Array, Month, corporate_weights, retail_weights
from seeds.sample_bank.basics.rows import CHANNELS, INCOMING, NOTHING, Rows, kind, rows_from
from seeds.sample_bank.customers.accounts import CURRENCIES, FX_RATE, INVESTMENTS, KINDS, Accounts
from seeds.sample_bank.customers.people import People

_LATE_SHARE = 0.009
_LATEST_DAYS = 5
_SPEND_LESS_OR_MORE = (0.2, 6.0)
_RECEIVE_LESS = (0.25, 1.0)
_CORPORATE_CASH = 0.05
_FOREIGN_SIZE = 0.05
_LARGEST_PART = 0.3
_FEWEST_THAT_TURN_ALL_OVER = 1.5
"""Customers with fewer transactions a month move only a part of their money."""
_CARD_HOLDERS_USE_CARD = 0.8
_FOREIGN_SHARE = 0.12

_MIX = {
    # weights of (individual, individual investor, corporate, corporate investor), size, unit in cents
    "deposit": ((6, 5, 4, 4), 1.0, 10_000),
    "transfer_in": ((14, 13, 36, 36), 1.0, 1_000),
    "same_name_transfer_in": ((3, 3, 3, 3), 1.3, 10_000),
    "withdrawal": ((14, 11, 4, 4), 0.7, 10_000),
    "transfer_out": ((23, 20, 50, 46), 1.2, 1_000),
    "same_name_transfer_out": ((2.5, 2.5, 3, 3), 1.4, 10_000),
    "card_spend": ((37.5, 36.5, 0, 0), 0.4, 1),
    "wealth_purchase": ((0, 5, 0, 2.5), 0.0, 10_000),
    "wealth_redemption": ((0, 4, 0, 2.5), 0.0, 10_000),
}
_VIA = {
    "deposit": (("branch", "atm", "branch"), (0.5, 0.9)),
    "transfer_in": (("app", "web", "branch"), (0.75, 0.9)),
    "same_name_transfer_in": (("app", "web", "branch"), (0.8, 0.95)),
    "withdrawal": (("atm", "branch", "branch"), (0.7, 0.9)),
    "transfer_out": (("app", "web", "wechat"), (0.65, 0.8)),
    "same_name_transfer_out": (("app", "web", "branch"), (0.7, 0.85)),
    "card_spend": (("pos", "wechat", "web"), (0.5, 0.85)),
    "wealth_purchase": (("app", "branch", "web"), (0.6, 0.9)),
    "wealth_redemption": (("app", "branch", "web"), (0.7, 0.95)),
}
_NAMES = tuple(_MIX)
_WEIGHTS = np.array([_MIX[name][0] for name in _NAMES], dtype=float)
_SIZE = np.array([_MIX[name][1] for name in _NAMES])
_UNIT = np.array([_MIX[name][2] for name in _NAMES])
_CODE = np.array([kind(name) for name in _NAMES])
_SIGN = np.array([1 if name in INCOMING else -1 for name in _NAMES])
_SIZED = _WEIGHTS[:, [0, 2]] * _SIZE[:, None] / _WEIGHTS[:, [0, 2]].sum(axis=0)
_SHARE_IN, _SHARE_OUT = _SIZED[_SIGN > 0].sum(axis=0), _SIZED[_SIGN < 0].sum(axis=0)
_SHARE_BY_CARD = float(_SIZED[_NAMES.index("card_spend"), 0])
_CHANNEL = np.array([[CHANNELS.index(name) for name in _VIA[each][0]] for each in _NAMES])
_CHANNEL_CUTS = np.array([_VIA[each][1] for each in _NAMES])


def own_transactions(
    month: Month, customers: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Rows:
    """The transactions that a range of customers makes in a month, before balances are looked at."""
    who, day = events(month, customers, people.rate[customers] * month.season, people, rng)
    count = len(who)
    chosen = _types(who, people, accounts, rng)
    account, partner = _accounts(who, chosen, day, accounts, rng)
    # An investor may not have opened the account yet: then the money is sent somewhere else.
    homeless = (partner == NOTHING) & np.isin(
        _CODE[chosen], [kind("wealth_purchase"), kind("wealth_redemption")]
    )
    chosen = np.where(homeless, _NAMES.index("transfer_out"), chosen)
    is_investing = partner != NOTHING
    late = np.where(rng.random(count) < _LATE_SHARE, rng.integers(1, _LATEST_DAYS + 1, count), 0)
    may_be_late = (people.story[who] == 0) & ~is_investing & (day - late >= accounts.opened[account])
    late = np.where(may_be_late, late, 0)
    via = (rng.random(count)[:, None] > _CHANNEL_CUTS[chosen]).sum(axis=1)
    return rows_from(
        count,
        customer=who,
        account=account,
        partner=partner,
        day=day,
        second=(25_000 + 27_000 * (rng.random(count) + rng.random(count))).astype(np.int64),
        late=late,
        kind=_CODE[chosen],
        sign=_SIGN[chosen],
        cents=np.where(is_investing, 0, _amounts(who, chosen, account, people, accounts, rng)),
        fraction=np.where(is_investing, rng.uniform(0.05, 0.28, count), 0.0),
        channel=_CHANNEL[chosen, via],
    )


def events(
    month: Month, customers: Array, rate: Array, people: People, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Who does something, and when: one element per event.

    Args:
        month: The month.
        customers: Customers in question.
        rate: Expected events of each in a whole month; regular customers have their own count.
        people: All customers.
        rng: Random stream.

    Returns:
        Customer and day of each event, only where the customer is acting on that day.
    """
    part = month.days / 30.4
    noise = np.exp(rng.normal(0, 0.15, len(customers)))
    counts = rng.poisson(rate * part * noise)
    regular = np.minimum(people.regular[customers] * (1 + people.growth[customers]) ** month.index, 24) * part
    counts = np.where(regular > 0, np.floor(regular + rng.random(len(customers))).astype(np.int64), counts)
    who = np.repeat(customers, counts)
    chance = rng.random(len(who))
    day = np.where(
        people.is_corporate[who],
        _weighted(corporate_weights(month), chance),
        _weighted(retail_weights(month), chance),
    )
    # Regular customers spread their events evenly, so that each falls on a day of its own.
    position = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    spread = np.floor((position + chance) * month.days / np.repeat(np.maximum(counts, 1), counts))
    day = month.first + np.where(people.regular[who] > 0, spread.astype(np.int64), day)
    acting = people.is_acting(who, day)
    return who[acting], day[acting]


def _weighted(weights: Array, chance: Array) -> Array:
    edges = np.cumsum(weights) / weights.sum()
    return np.searchsorted(edges[:-1], chance, side="right")


def _types(who: Array, people: People, accounts: Accounts, rng: np.random.Generator) -> Array:
    invests = np.zeros(len(who), dtype=bool)
    for name in INVESTMENTS:
        invests |= accounts.of[name][who] != NOTHING
    profile = 2 * people.is_corporate[who] + invests
    chance, chosen = rng.random(len(who)), np.zeros(len(who), dtype=np.int8)
    for number in range(4):
        edges = np.cumsum(_WEIGHTS[:, number]) / _WEIGHTS[:, number].sum()
        mask = profile == number
        chosen[mask] = np.searchsorted(edges[:-1], chance[mask], side="right")
    return chosen


def _accounts(
    who: Array, chosen: Array, day: Array, accounts: Accounts, rng: np.random.Generator
) -> tuple[Array, Array]:
    """The account that is moved and the investment account at the other end."""
    account = accounts.of["current"][who]
    card = accounts.of["card"][who]
    pays_by_card = (chosen == _NAMES.index("card_spend")) & (rng.random(len(who)) < _CARD_HOLDERS_USE_CARD)
    account = np.where(pays_by_card & (card != NOTHING), card, account)
    is_transfer = np.isin(chosen, [_NAMES.index(name) for name in ("deposit", "transfer_in", "transfer_out")])
    for name in ("usd", "hkd"):
        foreign = accounts.of[name][who]
        usable = is_transfer & (foreign != NOTHING) & (accounts.opened[foreign] <= day)
        account = np.where(usable & (rng.random(len(who)) < _FOREIGN_SHARE), foreign, account)
    investing = np.isin(_CODE[chosen], [kind("wealth_purchase"), kind("wealth_redemption")])
    partner, best = np.full(len(who), NOTHING), np.zeros(len(who))
    for name in INVESTMENTS:
        held = accounts.of[name][who]
        usable = investing & (held != NOTHING) & (accounts.opened[held] < day)
        draw = np.where(usable, rng.random(len(who)), -1.0)
        partner = np.where(draw > best, held, partner)
        best = np.maximum(best, draw)
    return account, partner


def _amounts(
    who: Array, chosen: Array, account: Array, people: People, accounts: Accounts, rng: np.random.Generator
) -> Array:
    """Amounts in hundredths: as much goes in as out, and what is spent follows the balance."""
    rate = np.where(people.regular[who] > 0, people.regular[who], people.rate[who])
    incoming = _SIGN[chosen] > 0
    has_salary = people.employer_pay_day[who] > 0
    corporate = people.is_corporate[who].astype(np.int64)
    billed_elsewhere = np.where(
        accounts.of["card"][who] != NOTHING, _CARD_HOLDERS_USE_CARD * _SHARE_BY_CARD, 0.0
    )
    money_in = people.turnover[who] * np.where(has_salary, 0.3, 1.0) / _SHARE_IN[corporate]
    money_out = (
        people.turnover[who] * np.where(has_salary, 1.3, 1.0) / (_SHARE_OUT[corporate] - billed_elsewhere)
    )
    each = np.where(incoming, money_in, money_out) / np.maximum(rate, _FEWEST_THAT_TURN_ALL_OVER)
    own = np.where(accounts.kind[account] == KINDS.index("card"), accounts.of["current"][who], account)
    fullness = accounts.balance[own] / np.maximum(accounts.target[own], 1)
    pull = np.where(
        incoming,
        np.clip(1 / np.maximum(fullness, 0.1), *_RECEIVE_LESS),
        np.clip(fullness**1.5, *_SPEND_LESS_OR_MORE),
    )
    is_cash = np.isin(_CODE[chosen], [kind("deposit"), kind("withdrawal")])
    each = each * pull * _SIZE[chosen] * np.where(is_cash & people.is_corporate[who], _CORPORATE_CASH, 1.0)
    is_foreign = accounts.currency[account] > 0
    rates = np.array([FX_RATE[name] for name in CURRENCIES])
    each = each / rates[accounts.currency[account]] * np.where(is_foreign, _FOREIGN_SIZE, 1.0)
    each = each * np.exp(rng.normal(-0.245, 0.7, len(who)))
    most = np.where(people.is_corporate[who], _LARGEST_PART * people.wealth[who], np.inf)
    cents = np.minimum(each, most) * 100
    unit = np.where(cents < 2 * _UNIT[chosen], np.minimum(_UNIT[chosen], 100), _UNIT[chosen])
    return np.asarray(np.maximum(np.round(cents / unit) * unit, unit), dtype=np.int64)
