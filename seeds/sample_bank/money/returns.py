"""Products given back: cooling-off and order cancellations, early withdrawals, early repayments."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import Array, Month, number_of
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.basics.rows import NOTHING, Rows, channel, kind, rows_of, stack
from seeds.sample_bank.customers.accounts import Accounts
from seeds.sample_bank.customers.catalogue import BAD_PRODUCT
from seeds.sample_bank.customers.people import People
from seeds.sample_bank.customers.stories import CUSTOMER_STORIES, Stories

RETURN_TYPES = ("cooling_off_cancellation", "order_cancellation", "early_withdrawal", "early_repayment")

_USUAL_SHARE = 0.012
_BAD_SHARE = 0.45
_COOLING_OFF_DAYS = 10
_EARLY_WITHDRAWALS_PER_YEAR = 0.015
_EARLY_REPAYMENTS_PER_MONTH = 0.003
_REPAID_EARLY = 0.4


@dataclass
class Returns:
    """One array element per product given back; amounts in hundredths, days as day numbers."""

    customer: Array
    product: Array
    return_type: Array
    purchased: Array
    day: Array
    second: Array
    cents: Array


def stack_returns(parts: list[Returns]) -> Returns:
    """All returns of the parts, ordered by day."""
    together = Returns(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Returns)
        }
    )
    order = np.argsort(together.day, kind="stable")
    return Returns(**{field.name: getattr(together, field.name)[order] for field in fields(Returns)})


def early_withdrawals(arguments: Arguments, people: People, accounts: Accounts) -> tuple[Rows, Returns]:
    """Term deposits broken up: out of the term account, into the current account."""
    rng = stream(arguments.seed, "early withdrawals")
    first, last = number_of(arguments.first), number_of(arguments.last)
    term = np.flatnonzero(accounts.is_kind("term") & (accounts.opened < first) & (accounts.balance > 0))
    chance = _EARLY_WITHDRAWALS_PER_YEAR * (last - first + 1) / 365
    term = term[rng.random(len(term)) < chance]
    who, cents = accounts.customer[term], accounts.balance[term]
    day, second = rng.integers(first, last + 1, len(term)), rng.integers(33_000, 58_000, len(term))
    current = accounts.of["current"][who]
    rows = [
        rows_of("withdrawal", "branch", who, account=term, day=day, second=second, cents=cents),
        rows_of("deposit", "branch", who, account=current, day=day, second=second + 60, cents=cents),
    ]
    code = np.full(len(term), RETURN_TYPES.index("early_withdrawal"))
    records = Returns(who, accounts.product[term], code, accounts.opened[term], day, second + 60, cents)
    return stack(rows), records


def early_repayments(month: Month, customers: Array, accounts: Accounts, rng: np.random.Generator) -> Rows:
    """Loans of which a good part is repaid at once by those who can afford it."""
    loan = accounts.of["loan"][customers]
    loan = loan[loan != NOTHING]
    who = accounts.customer[loan]
    wants = rng.random(len(loan)) < _EARLY_REPAYMENTS_PER_MONTH
    day = rng.integers(month.first, month.last + 1, len(loan))
    wants &= (accounts.opened[loan] < month.first) & (accounts.balance[loan] > 0)
    wants &= accounts.balance[accounts.of["current"][who]] > accounts.balance[loan]
    cents = np.floor(accounts.balance[loan] * _REPAID_EARLY).astype(np.int64)
    return rows_of(
        "loan_repayment",
        "app",
        who[wants],
        account=accounts.of["current"][who[wants]],
        partner=loan[wants],
        day=day[wants],
        second=np.full(wants.sum(), 40_000),
        cents=cents[wants],
    )


def early_repayment_records(rows: Rows, accounts: Accounts) -> Returns:
    """The product returns of the early repayments among the posted rows."""
    early = rows.take((rows.kind == kind("loan_repayment")) & (rows.channel == channel("app")))
    loan = early.partner
    code = np.full(len(early), RETURN_TYPES.index("early_repayment"))
    return Returns(
        early.customer,
        accounts.product[loan],
        code,
        accounts.opened[loan],
        early.day,
        early.second,
        early.cents,
    )


def cancellations(
    rows: Rows, people: People, accounts: Accounts, stories: Stories, last: int, rng: np.random.Generator
) -> tuple[Rows, Returns]:
    """Purchases of wealth products and insurance that are cancelled within days, money back."""
    bad = stories.named("bad_product")[0]
    product = accounts.product[rows.partner]
    can = (rows.kind == kind("wealth_purchase")) & accounts.is_kind("wealth", "insurance")[rows.partner]
    is_bad = can & (product == BAD_PRODUCT) & (bad.starts <= rows.day) & (rows.day <= bad.ends)
    tells_nothing = np.isin(people.story[rows.customer], [0, CUSTOMER_STORIES.index("bad_product")])
    hit = can & tells_nothing & (rng.random(len(rows)) < np.where(is_bad, _BAD_SHARE, _USUAL_SHARE))
    day = rows.day + rng.integers(1, _COOLING_OFF_DAYS + 1, len(rows))
    second = rng.integers(33_000, 58_000, len(rows))
    hit &= day <= last
    bought = rows.take(hit)
    is_insurance = accounts.is_kind("insurance")[bought.partner]
    code = np.where(
        is_insurance,
        RETURN_TYPES.index("cooling_off_cancellation"),
        RETURN_TYPES.index("order_cancellation"),
    )
    back = rows_of(
        "wealth_redemption",
        "app",
        bought.customer,
        account=bought.account,
        partner=bought.partner,
        day=day[hit],
        second=second[hit],
        cents=bought.cents,
        is_fixed=np.ones(len(bought)),
    )
    return back, Returns(bought.customer, product[hit], code, bought.day, day[hit], second[hit], bought.cents)
