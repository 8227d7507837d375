"""Transactions while they are being made: one array per column, one element per transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from seeds.sample_bank.basics.days import Array

INCOMING = (
    "deposit",
    "transfer_in",
    "same_name_transfer_in",
    "salary",
    "interest",
    "wealth_redemption",
    "loan_draw",
)
OUTGOING = (
    "withdrawal",
    "transfer_out",
    "same_name_transfer_out",
    "card_spend",
    "wealth_purchase",
    "loan_repayment",
    "fee",
    "interest_tax",
    "judicial",
)
TYPES = (*INCOMING, *OUTGOING, "reversal")
CHANNELS = ("branch", "atm", "app", "web", "wechat", "call_centre", "pos", "batch")
NOTHING = -1


def kind(name: str) -> int:
    """Code of a transaction type."""
    return TYPES.index(name)


def channel(name: str) -> int:
    """Code of a channel."""
    return CHANNELS.index(name)


@dataclass
class Rows:
    """Transactions in columns.

    Attributes:
        customer, account: Whose account is moved.
        partner: Investment or loan account at the other end, NOTHING if there is none.
        day: Posting day.
        second: Second of the day on which it happened.
        late: Days between the event and its posting.
        kind: Code of the type.
        sign: +1 into the account, -1 out of it.
        cents: Amount in hundredths of the account's currency.
        fraction: Where positive, the amount is this part of the balance at the start of the month.
        channel: Code of the channel.
        is_sweep: Takes whatever is left in the account.
        is_fixed: The amount must not be changed to fit the balance.
        reverses: Number of the reversed transaction, NOTHING if it reverses none.
    """

    customer: Array
    account: Array
    partner: Array
    day: Array
    second: Array
    late: Array
    kind: Array
    sign: Array
    cents: Array
    fraction: Array
    channel: Array
    is_sweep: Array
    is_fixed: Array
    reverses: Array

    def __len__(self) -> int:
        """Number of transactions."""
        return len(self.customer)

    def take(self, which: Array) -> Rows:
        """Some of the rows: a mask or positions."""
        return Rows(**{column.name: getattr(self, column.name)[which] for column in fields(Rows)})


_COLUMN_TYPES = {
    "customer": np.int64,
    "account": np.int64,
    "partner": np.int64,
    "day": np.int64,
    "second": np.int32,
    "late": np.int8,
    "kind": np.int8,
    "sign": np.int8,
    "cents": np.int64,
    "fraction": np.float32,
    "channel": np.int8,
    "is_sweep": np.bool_,
    "is_fixed": np.bool_,
    "reverses": np.int64,
}
_DEFAULTS: dict[str, int] = {"partner": NOTHING, "reverses": NOTHING}


def rows_of(type_name: str, via: str, customer: Array, **columns: Array | float) -> Rows:
    """Rows of one type and channel; what is not given is zero (or NOTHING)."""
    given: dict[str, Array | float] = {
        "customer": customer,
        "kind": kind(type_name),
        "sign": 1 if type_name in INCOMING else -1,
        "channel": channel(via),
        **columns,
    }
    return rows_from(len(customer), **given)


def rows_from(count: int, **columns: Array | float) -> Rows:
    """Rows from arrays or constants; what is not given is zero (or NOTHING)."""
    return Rows(
        **{
            name: np.broadcast_to(np.asarray(columns.get(name, _DEFAULTS.get(name, 0))).astype(dtype), count)
            for name, dtype in _COLUMN_TYPES.items()
        }
    )


def stack(parts: Sequence[Rows]) -> Rows:
    """All rows of the parts, in their order."""
    if not parts:
        return rows_from(0)
    return Rows(
        **{
            column.name: np.concatenate([getattr(part, column.name) for part in parts])
            for column in fields(Rows)
        }
    )
