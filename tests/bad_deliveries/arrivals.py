"""Deliveries that are each in order, and come in an order, or as often, as nobody planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

D1, D2, D3 = "2025-03-31", "2025-04-01", "2025-04-02"

Step = tuple[str, str, tuple[str, ...]]
"""Entity, business date and lines without header of a delivery, which is loaded at once."""

HEADERS = {
    "customers": "customer_id,customer_type,opened_on",
    "products": "product_id,product_family,product_name",
    "accounts": "account_id,customer_id,product_id,opened_on",
    "transactions": "transaction_id,customer_id,occurred_at,amount,transaction_type",
}
ORDER = tuple(HEADERS)
"""The entities, parents first."""


@dataclass(frozen=True)
class Arrival:
    """Deliveries in the order in which they come.

    Attributes:
        id: Unique name.
        wrong: What is unusual about them, as the documentation says it.
        holds: What the lake holds afterwards, in words.
        steps: The deliveries; after each, all entities are loaded as a refresh would.
        loaded: Entity, key and business date of the rows of ``about`` in the lake.
        rejects: Business date, line and reason of its rejects.
        about: The entity that is looked at.
    """

    id: str
    wrong: str
    holds: str
    steps: Sequence[Step]
    loaded: tuple[tuple[str, str], ...]
    rejects: tuple[tuple[str, int, str], ...] = ()
    about: str = "transactions"


def _customer(number: int) -> str:
    return f"C{number},individual,2020-01-01"


def _paid(number: int, customer: int, day: str = D1, amount: str = "1.00") -> str:
    return f"T{number},C{customer},{day} 09:00:00,{amount},deposit"


def _unknown(customer: int) -> str:
    return f"customer_id: 'C{customer}' is not a known customers.customer_id"


def _account(customer: int, day: str = D1) -> str:
    return f"A1,C{customer},P1,{day}"


def _superseded(line: int) -> str:
    return f"account_id: superseded by accounts.csv line {line}"


_PRODUCTS: Step = ("products", D1, ("P1,deposit,x",))
_KNOWN: Step = ("customers", D1, (_customer(1),))
_WAITING: Step = ("transactions", D1, (_paid(1, 1), _paid(9, 9)))

ARRIVALS = [
    Arrival(
        "parent-never",
        "a row of a customer who never comes",
        "all but this row",
        [_KNOWN, _WAITING],
        (("T1", D1),),
        ((D1, 3, _unknown(9)),),
    ),
    Arrival(
        "parent-next-day",
        "a row of a customer who comes a day later",
        "the row, on the day on which the customer came",
        [_KNOWN, _WAITING, ("customers", D2, (_customer(9),))],
        (("T1", D1), ("T9", D2)),
        ((D1, 3, _unknown(9)),),
    ),
    Arrival(
        "parent-forgotten",
        "customers delivered again with a forgotten one",
        "the row, on its own day",
        [_KNOWN, _WAITING, ("customers", D1, (_customer(1), _customer(9)))],
        (("T1", D1), ("T9", D1)),
    ),
    Arrival(
        "parent-withdrawn",
        "customers delivered again without one",
        "no row of this customer",
        [
            ("customers", D1, (_customer(1), _customer(9))),
            _WAITING,
            _KNOWN,
        ],
        (("T1", D1),),
        ((D1, 3, _unknown(9)),),
    ),
    Arrival(
        "day-before-later",
        "a day delivered after the next one",
        "the same as if they had come in order",
        [
            ("customers", D2, (_customer(2),)),
            ("transactions", D2, (_paid(2, 1), _paid(3, 2))),
            _KNOWN,
            ("transactions", D1, (_paid(1, 1),)),
        ],
        (("T1", D1), ("T2", D2), ("T3", D2)),
    ),
    Arrival(
        "twice",
        "an event of an earlier day again",
        "the first one",
        [_KNOWN, ("transactions", D1, (_paid(1, 1),)), ("transactions", D2, (_paid(1, 1), _paid(2, 1)))],
        (("T1", D1), ("T2", D2)),
        ((D2, 2, f"transaction_id: delivered before, {D1}/transactions.csv line 2"),),
    ),
    Arrival(
        "conflict",
        "an event of an earlier day again, with another amount",
        "the first one",
        [_KNOWN, ("transactions", D1, (_paid(1, 1),)), ("transactions", D2, (_paid(1, 1, amount="2.00"),))],
        (("T1", D1),),
        ((D2, 2, f"transaction_id: conflicts with {D1}/transactions.csv line 2, which has another amount"),),
    ),
    Arrival(
        "first-comes-last",
        "an event of a later day, then the earlier one",
        "the earlier one",
        [_KNOWN, ("transactions", D2, (_paid(1, 1),)), ("transactions", D1, (_paid(1, 1),))],
        (("T1", D1),),
        ((D2, 2, f"transaction_id: delivered before, {D1}/transactions.csv line 2"),),
    ),
    Arrival(
        "first-withdrawn",
        "an event of two days, then the first without it",
        "that of the second day",
        [
            _KNOWN,
            ("transactions", D1, (_paid(1, 1),)),
            ("transactions", D2, (_paid(1, 1),)),
            ("transactions", D1, (_paid(5, 1),)),
        ],
        (("T1", D2), ("T5", D1)),
    ),
    Arrival(
        "grandparent-late",
        "an account of a customer who comes later",
        "the account, on the day on which the customer came",
        [
            ("products", D1, ("P1,deposit,x",)),
            _KNOWN,
            ("accounts", D1, ("A1,C9,P1,2025-03-31",)),
            ("customers", D3, (_customer(9),)),
        ],
        (("A1", D3),),
        ((D1, 2, _unknown(9)),),
        "accounts",
    ),
    Arrival(
        "old-version-late",
        "an account that waited, and was delivered again meanwhile",
        "only the newer version",
        [
            ("products", D1, ("P1,deposit,x",)),
            _KNOWN,
            ("accounts", D1, ("A1,C9,P1,2025-03-31",)),
            ("accounts", D2, ("A1,C1,P1,2025-03-31",)),
            ("customers", D3, (_customer(9),)),
        ],
        (("A1", D2),),
        ((D1, 2, _unknown(9)),),
        "accounts",
    ),
    Arrival(
        "version-again",
        "a customer delivered again",
        "both versions",
        [_KNOWN, ("customers", D2, (_customer(1),))],
        (("C1", D1), ("C1", D2)),
        (),
        "customers",
    ),
    Arrival(
        "closed-later-that-day",
        "a customer told of twice in a delivery, and again on the next day",
        "the last version of each delivery",
        [
            ("customers", D1, (_customer(1), "C1,individual,2020-01-02")),
            ("customers", D2, ("C1,individual,2020-01-03", _customer(1))),
        ],
        (("C1", D1), ("C1", D2)),
        (
            (D1, 2, "customer_id: superseded by customers.csv line 3"),
            (D2, 2, "customer_id: superseded by customers.csv line 3"),
        ),
        "customers",
    ),
    Arrival(
        "last-version-waits",
        "an account told of twice, the second time of a customer who comes two days later",
        "the first line on its own day, the second on the day on which the customer came",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(1), _account(9))),
            ("customers", D3, (_customer(9),)),
        ],
        (("A1", D1), ("A1", D3)),
        ((D1, 3, _unknown(9)),),
        "accounts",
    ),
    Arrival(
        "last-version-waits-parent-forgotten",
        "an account told of twice, and then its day's customers again with the missing one",
        "the second line, on its own day",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(1), _account(9))),
            ("customers", D1, (_customer(1), _customer(9))),
        ],
        (("A1", D1),),
        ((D1, 2, _superseded(3)),),
        "accounts",
    ),
    Arrival(
        "last-version-parent-withdrawn",
        "an account told of twice, and then its day's customers again without that of the second line",
        "the first line",
        [
            _PRODUCTS,
            ("customers", D1, (_customer(1), _customer(9))),
            ("accounts", D1, (_account(1), _account(9))),
            _KNOWN,
        ],
        (("A1", D1),),
        ((D1, 3, _unknown(9)),),
        "accounts",
    ),
    Arrival(
        "first-version-waits",
        "an account told of twice, the first time of a customer who comes later",
        "only the second line: what is older does not replace it",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(9), _account(1))),
            ("customers", D3, (_customer(9),)),
        ],
        (("A1", D1),),
        ((D1, 2, _unknown(9)),),
        "accounts",
    ),
    Arrival(
        "version-between-waits",
        "an account told of three times, the second time of a customer who comes later",
        "only the third line",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(1), _account(9), _account(1))),
            ("customers", D3, (_customer(9),)),
        ],
        (("A1", D1),),
        ((D1, 2, "account_id: duplicate of accounts.csv line 4"), (D1, 3, _unknown(9))),
        "accounts",
    ),
    Arrival(
        "both-versions-wait",
        "an account told of twice, of two customers who come on one day",
        "the second line, on that day",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(8), _account(9))),
            ("customers", D2, (_customer(9), _customer(8))),
        ],
        (("A1", D2),),
        ((D1, 2, _unknown(8)), (D1, 3, _unknown(9))),
        "accounts",
    ),
    Arrival(
        "both-versions-wait-in-turn",
        "an account told of twice, of two customers who come one after the other, the later one first",
        "the second line, on the day on which its customer came",
        [
            _PRODUCTS,
            _KNOWN,
            ("accounts", D1, (_account(8), _account(9))),
            ("customers", D2, (_customer(9),)),
            ("customers", D3, (_customer(8),)),
        ],
        (("A1", D2),),
        ((D1, 2, _unknown(8)), (D1, 3, _unknown(9))),
        "accounts",
    ),
    Arrival(
        "conflict-within-and-before",
        "an event told of twice in a delivery with different amounts, and on an earlier day",
        "that of the earlier day",
        [
            _KNOWN,
            ("transactions", D1, (_paid(1, 1),)),
            ("transactions", D2, (_paid(1, 1), _paid(1, 1, amount="2.00"))),
        ],
        (("T1", D1),),
        (
            (D2, 2, f"transaction_id: delivered before, {D1}/transactions.csv line 2"),
            (D2, 3, "transaction_id: conflicts with transactions.csv line 2, which has another amount"),
        ),
    ),
    Arrival(
        "conflict-then-first-day",
        "an event told of twice in a delivery, and afterwards the day before arrives with it",
        "that of the earlier day",
        [
            _KNOWN,
            ("transactions", D2, (_paid(1, 1), _paid(1, 1, amount="2.00"))),
            ("transactions", D1, (_paid(1, 1),)),
        ],
        (("T1", D1),),
        (
            (D2, 2, f"transaction_id: delivered before, {D1}/transactions.csv line 2"),
            (D2, 3, "transaction_id: conflicts with transactions.csv line 2, which has another amount"),
        ),
    ),
]
