"""Deliveries that are each in order, and come in an order, or as often, as nobody planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

D1, D2, D3 = "2025-03-31", "2025-04-01", "2025-04-02"

Step = tuple[str, str, tuple[str, ...]]
"""Entity, business date and lines without header of a delivery, which is loaded at once."""

HEADERS = {
    "customers": "customer_id,customer_type,opened_on,linked_corporate_id",
    "products": "product_id,product_family,product_name",
    "accounts": "account_id,customer_id,product_id,opened_on",
    "transactions": "transaction_id,customer_id,occurred_at,amount,transaction_type,reversal_of",
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
        reports: Public reports of the same trouble, as ``owner/repository#number``.
    """

    id: str
    wrong: str
    holds: str
    steps: Sequence[Step]
    loaded: tuple[tuple[str, str], ...]
    rejects: tuple[tuple[str, int, str], ...] = ()
    about: str = "transactions"
    reports: tuple[str, ...] = ()

    def reported(self, *reports: str) -> Arrival:
        """The arrival with the public reports it came from."""
        return replace(self, reports=reports)


def _customer(number: int, company: str = "") -> str:
    return f"C{number},individual,2020-01-01,{company}"


def _paid(number: int, customer: int, day: str = D1, amount: str = "1.00") -> str:
    return f"T{number},C{customer},{day} 09:00:00,{amount},deposit,"


def _reversed(number: int, original: int, day: str = D1) -> str:
    return f"R{number},C1,{day} 10:00:00,1.00,reversal,T{original}"


def _unknown(customer: int) -> str:
    return f"customer_id: 'C{customer}' is not a known customers.customer_id"


def _no_original(number: int) -> str:
    return f"reversal_of: 'T{number}' is not a known transactions.transaction_id"


def _no_company(number: int) -> str:
    return f"linked_corporate_id: 'C{number}' is not a known customers.customer_id"


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
        "original-later",
        "a reversal whose original comes a day later",
        "the reversal, on the day on which its original came",
        [_KNOWN, ("transactions", D1, (_paid(1, 1), _reversed(9, 9))), ("transactions", D2, (_paid(9, 1),))],
        (("R9", D2), ("T1", D1), ("T9", D2)),
        ((D1, 3, _no_original(9)),),
    ).reported("forcedotcom/SFDX-Data-Move-Utility#415"),
    Arrival(
        "original-below",
        "a reversal above its original in one file",
        "both",
        [_KNOWN, ("transactions", D1, (_reversed(1, 1), _paid(1, 1)))],
        (("R1", D1), ("T1", D1)),
    ).reported("cldf/csvw#68"),
    Arrival(
        "original-never",
        "a reversal whose original never comes",
        "all but this row",
        [_KNOWN, ("transactions", D1, (_paid(1, 1),)), ("transactions", D2, (_reversed(9, 9), _paid(2, 1)))],
        (("T1", D1), ("T2", D2)),
        ((D2, 2, _no_original(9)),),
    ),
    Arrival(
        "original-withdrawn",
        "the original's day delivered again without it",
        "the reversal no more",
        [
            _KNOWN,
            ("transactions", D1, (_paid(1, 1), _paid(9, 1))),
            ("transactions", D2, (_paid(2, 1), _reversed(9, 9))),
            ("transactions", D1, (_paid(1, 1),)),
        ],
        (("T1", D1), ("T2", D2)),
        ((D2, 3, _no_original(9)),),
    ),
    Arrival(
        "original-of-unknown-customer",
        "a reversal of a row that waits for its customer",
        "both, on the day on which the customer came",
        [_KNOWN, ("transactions", D1, (_paid(9, 9), _reversed(9, 9))), ("customers", D2, (_customer(9),))],
        (("R9", D2), ("T9", D2)),
        ((D1, 2, _unknown(9)), (D1, 3, _no_original(9))),
    ),
    Arrival(
        "company-later",
        "a person whose company comes a day later, and the person's transaction",
        "the transaction, on the day on which the person's company came",
        [
            ("customers", D1, (_customer(1), _customer(2, "C9"))),
            ("transactions", D1, (_paid(1, 1), _paid(2, 2))),
            ("customers", D2, (_customer(9),)),
        ],
        (("T1", D1), ("T2", D2)),
        ((D1, 3, _unknown(2)),),
    ),
    Arrival(
        "company-never",
        "a person whose company never comes",
        "all but this person",
        [("customers", D1, (_customer(1), _customer(2, "C9"))), ("customers", D2, (_customer(3, "C1"),))],
        (("C1", D1), ("C3", D2)),
        ((D1, 3, _no_company(9)),),
        "customers",
    ).reported("sqlitebrowser/sqlitebrowser#1540"),
]
