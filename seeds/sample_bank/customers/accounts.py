"""Which accounts the customers hold. An account is its position everywhere in the generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import Array, number_of
from seeds.sample_bank.basics.randomness import pick, stream
from seeds.sample_bank.basics.rows import NOTHING, Rows, kind, rows_of, stack
from seeds.sample_bank.customers.catalogue import BAD_PRODUCT, product
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.customers.stories import CUSTOMER_STORIES, Stories

CURRENCIES = ("CNY", "USD", "HKD")
FX_RATE = {"CNY": 1.0, "USD": 7.1, "HKD": 0.91}
"""CNY for one unit, for the size of amounts only; delivered rates are a random walk."""

KINDS = ("current", "term", "card", "loan", "wealth", "fund", "insurance", "metal", "usd", "hkd")
INVESTMENTS = KINDS[4:8]
FOREIGN = KINDS[8:]

_PRODUCTS = {
    "term": (["P011", "P012", "P013"], [0.5, 0.35, 0.15]),
    "card": (["P601", "P602"], [0.85, 0.15]),
    "wealth": (["P101", "P102", "P103", "P104"], [0.4, 0.3, 0.2, 0.1]),
    "fund": (["P201", "P202", "P203"], [0.4, 0.4, 0.2]),
    "insurance": (["P301", "P302"], [0.7, 0.3]),
    "metal": (["P401"], [1.0]),
    "usd": (["P003"], [1.0]),
    "hkd": (["P003"], [1.0]),
}
_SHARE_OF_WEALTH = {"current": 0.8, "term": 1.5, "wealth": 1.6, "fund": 0.7, "insurance": 0.5, "metal": 0.2}
_NEW_HOLDINGS = 0.15
_NEW_LOANS = 0.10


@dataclass
class Accounts:
    """One array element per account.

    Attributes:
        customer: Owner.
        kind: Position in KINDS.
        product: Position in the catalogue.
        currency: Position in CURRENCIES.
        opened, closed: First day, and day of closing (NEVER while open).
        balance: Balance in hundredths of the currency, moved on as the bank goes on.
        target: What the owner tends to keep in an account, in hundredths.
        instalment: Monthly repayment of a loan, in hundredths.
        of: For each kind, the account of each customer, or NOTHING.
    """

    customer: Array
    kind: Array
    product: Array
    currency: Array
    opened: Array
    closed: Array
    balance: Array
    target: Array
    instalment: Array
    of: dict[str, Array]

    def __len__(self) -> int:
        """Number of accounts."""
        return len(self.customer)

    def is_kind(self, *names: str) -> Array:
        """Which accounts are of one of the kinds."""
        return np.isin(self.kind, [KINDS.index(name) for name in names])


@dataclass
class _Block:
    """All accounts of one kind, before they are numbered."""

    customer: Array
    kind: int
    product: Array
    opened: Array
    cents: Array


def accounts_of(arguments: Arguments, people: People, stories: Stories) -> tuple[Accounts, Rows]:
    """Open the accounts.

    Returns:
        The accounts with their balances on the evening before the first day, and the rows that
        bring in the money of those opened later.
    """
    rng = stream(arguments.seed, "accounts")
    first, last = number_of(arguments.first), number_of(arguments.last)
    holdings = _holdings(people, first, rng)
    cents = _split_wealth(people, holdings, rng)
    blocks = [_block(name, holdings[name], cents[name], people, first, last, rng) for name in KINDS]
    blocks[KINDS.index("insurance")] = _with_bad_product(
        blocks[KINDS.index("insurance")], people, stories, rng
    )
    accounts = _numbered(blocks, people)
    _size_loans(accounts, people, rng)
    planned = _opening_rows(accounts, people, first, rng)
    accounts.balance[accounts.opened >= first] = 0
    return accounts, planned


def _holdings(people: People, first: int, rng: np.random.Generator) -> dict[str, Array]:
    """Who holds which kind of account."""
    count, corporate = len(people), people.is_corporate
    rich = np.log(np.maximum(people.wealth, 1.0) / 10_000) - np.where(corporate, 3.0, 0.0)
    age = (first - people.birth) / 365.25
    chance = {
        "current": np.ones(count),
        "term": np.clip(0.10 + 0.12 * rich, 0.02, 0.65),
        "card": np.where(corporate, 0.0, np.where(age < 60, 0.48, 0.15)),
        "loan": np.where(corporate, 0.35, np.where((age > 24) & (age < 58), 0.17, 0.01)),
        "wealth": np.clip(0.03 + 0.13 * rich, 0.01, 0.70),
        "fund": np.where(corporate, 0.03, np.clip(0.03 + 0.06 * rich, 0.01, 0.40)),
        "insurance": np.where(corporate, 0.0, np.clip(0.04 + 0.05 * rich, 0.01, 0.30)),
        "metal": np.where(corporate, 0.0, np.clip(0.01 + 0.02 * rich, 0.0, 0.12)),
        "usd": np.where(corporate, 0.14, 0.025),
        "hkd": np.where(corporate, 0.08, 0.015),
    }
    return {
        name: (rng.random(count) < share) & ((name in ("current", "card")) | ~people.is_simple)
        for name, share in chance.items()
    }


def _split_wealth(people: People, holdings: dict[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    """What lies in each kind of account, in hundredths of its currency."""
    parts = {
        name: np.where(holdings[name], share * np.exp(rng.normal(0, 0.6, len(people))), 0.0)
        for name, share in _SHARE_OF_WEALTH.items()
    }
    total = np.sum(list(parts.values()), axis=0)
    cents = {
        name: np.floor(people.wealth * part / total * 100).astype(np.int64) for name, part in parts.items()
    }
    for name in FOREIGN:
        share = rng.uniform(0.02, 0.15, len(people)) / FX_RATE[name.upper()]
        cents[name] = np.floor(people.wealth * share * 100).astype(np.int64)
    cents["card"] = np.zeros(len(people), dtype=np.int64)
    months_of_turnover = np.where(
        people.is_corporate, rng.uniform(1, 8, len(people)), rng.uniform(3, 60, len(people))
    )
    cents["loan"] = (np.round(people.turnover * months_of_turnover / 1000) * 100_000).astype(np.int64)
    return cents


def _block(
    name: str, held: Array, cents: Array, people: People, first: int, last: int, rng: np.random.Generator
) -> _Block:
    customer = np.flatnonzero(held)
    count, since = len(customer), people.opened[customer]
    is_new_customer = since >= first
    earlier = since + np.floor(rng.random(count) * np.maximum(1, first - since)).astype(np.int64)
    opened = np.where(is_new_customer | (name in ("current", "card")), since, earlier)
    # New customers buy soon; some old ones buy or borrow for the first time during the run.
    if name in INVESTMENTS or name == "loan":
        share = _NEW_LOANS if name == "loan" else _NEW_HOLDINGS
        days = max(1, last - first - 20)
        begins = ~is_new_customer & (rng.random(count) < share)
        opened = np.where(begins, first + 1 + rng.integers(0, days, count), opened)
        opened = np.where(is_new_customer, since + rng.integers(0, 40, count), opened)
    products = _products(name, people.is_corporate[customer], rng)
    inside = opened <= last
    return _Block(
        customer[inside], KINDS.index(name), products[inside], opened[inside], cents[customer][inside]
    )


def _products(name: str, is_corporate: Array, rng: np.random.Generator) -> Array:
    if name == "current":
        return np.where(is_corporate, product("P002"), product("P001"))
    if name == "loan":
        home = rng.random(len(is_corporate)) < 0.4
        return np.where(is_corporate, product("P503"), np.where(home, product("P501"), product("P502")))
    names, shares = _PRODUCTS[name]
    return np.array([product(each) for each in names])[pick(rng, shares, len(is_corporate))]


def _with_bad_product(block: _Block, people: People, stories: Stories, rng: np.random.Generator) -> _Block:
    """The buyers of the bad product open their policy inside the story."""
    buyers = np.flatnonzero(people.story == CUSTOMER_STORIES.index("bad_product"))
    bad = stories.named("bad_product")[0]
    opened = rng.integers(bad.starts, bad.ends + 1, len(buyers))
    cents = (np.round(people.wealth[buyers] * rng.uniform(0.1, 0.4, len(buyers)) / 1000) * 100_000).astype(
        np.int64
    )
    customer = np.concatenate([block.customer, buyers])
    order = np.argsort(customer)
    return _Block(
        customer[order],
        block.kind,
        np.concatenate([block.product, np.full(len(buyers), BAD_PRODUCT)])[order],
        np.concatenate([block.opened, opened])[order],
        np.concatenate([block.cents, cents])[order],
    )


def _numbered(blocks: list[_Block], people: People) -> Accounts:
    customer = np.concatenate([block.customer for block in blocks])
    kind = np.concatenate([np.full(len(block.customer), block.kind) for block in blocks])
    of, start = {}, 0
    for name, block in zip(KINDS, blocks, strict=True):
        of[name] = np.full(len(people), NOTHING)
        of[name][block.customer] = np.arange(start, start + len(block.customer))
        start += len(block.customer)
    balance = np.concatenate([block.cents for block in blocks])
    currency = np.select([kind == KINDS.index(name) for name in FOREIGN], [1, 2], 0)
    return Accounts(
        customer=customer,
        kind=kind,
        product=np.concatenate([block.product for block in blocks]),
        currency=currency,
        opened=np.concatenate([block.opened for block in blocks]),
        closed=people.closed[customer],
        balance=balance,
        target=balance.astype(np.float64),
        instalment=np.zeros(start, dtype=np.int64),
        of=of,
    )


def _size_loans(accounts: Accounts, people: People, rng: np.random.Generator) -> None:
    loans = np.flatnonzero(accounts.is_kind("loan"))
    accounts.instalment[loans] = accounts.balance[loans] // rng.integers(24, 180, len(loans)) + 10_000


def _opening_rows(accounts: Accounts, people: People, first: int, rng: np.random.Generator) -> Rows:
    """Money for what is opened during the run: deposits, first purchases, loan payouts."""
    fresh = accounts.opened >= first
    bought = np.flatnonzero(accounts.is_kind(*INVESTMENTS) & fresh)
    owner = accounts.customer[bought]
    # Whoever buys later keeps the money in the current account until then.
    np.add.at(accounts.balance, accounts.of["current"][owner], accounts.balance[bought])
    np.add.at(accounts.target, accounts.of["current"][owner], accounts.balance[bought])
    cash = np.flatnonzero(accounts.is_kind("current", "term", "usd", "hkd") & fresh)
    loans = np.flatnonzero(accounts.is_kind("loan") & fresh)
    return stack(
        [
            rows_of(
                "deposit",
                "branch",
                accounts.customer[cash],
                account=cash,
                kind=np.where(
                    people.is_corporate[accounts.customer[cash]], kind("transfer_in"), kind("deposit")
                ),
                day=accounts.opened[cash],
                second=rng.integers(32_400, 39_600, len(cash)),
                cents=accounts.balance[cash],
            ),
            rows_of(
                "wealth_purchase",
                "app",
                owner,
                account=accounts.of["current"][owner],
                partner=bought,
                day=accounts.opened[bought],
                second=rng.integers(39_600, 61_200, len(bought)),
                cents=accounts.balance[bought],
            ),
            rows_of(
                "loan_draw",
                "branch",
                accounts.customer[loans],
                account=accounts.of["current"][accounts.customer[loans]],
                partner=loans,
                day=accounts.opened[loans],
                second=rng.integers(32_400, 61_200, len(loans)),
                cents=accounts.balance[loans],
            ),
        ]
    )
