"""What is delivered as changes: columns of every entity and the rows behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from seeds.sample_bank.bank import Bank
from seeds.sample_bank.basics.days import NEVER, Array
from seeds.sample_bank.basics.rows import CHANNELS, NOTHING, TYPES, Rows
from seeds.sample_bank.customers.accounts import CURRENCIES, KINDS, Accounts
from seeds.sample_bank.customers.catalogue import PRODUCT_IDS
from seeds.sample_bank.feedback.complaints import CATEGORIES, COMPLAINT_TEXTS, Complaints
from seeds.sample_bank.feedback.contacts import INTERACTION_TYPES, Interactions
from seeds.sample_bank.feedback.surveys import COMMENTS, METRICS, MODES, SURVEY_KINDS, TOUCHPOINTS, Surveys
from seeds.sample_bank.money.returns import RETURN_TYPES, Returns
from seeds.sample_bank.writing import profiles
from seeds.sample_bank.writing.files import Dirt, EntityWriter, coded, write_rows
from seeds.sample_bank.writing.profiles import ACCOUNT_ID, BRANCH_ID, CUSTOMER_ID, EMPLOYEE_ID

_DAY = 86_400
_TRANSACTION_ID = "'T' || (10000000000 + {})"

TRANSACTIONS = {
    "transaction_id": _TRANSACTION_ID.format("number"),
    "customer_id": CUSTOMER_ID.format("customer"),
    "occurred_at": "occurred",
    "amount": "money(cents)",
    "transaction_type": "type",
    "account_id": ACCOUNT_ID.format("account"),
    "product_id": "product",
    "currency": "currency",
    "channel": "channel",
    "reversal_of": _TRANSACTION_ID.format("reverses"),
}
BALANCES = {"account_id": ACCOUNT_ID.format("account"), "balance_amount": "money(cents)"}
INTERACTIONS = {
    "interaction_id": "'I' || (10000000000 + number)",
    "customer_id": CUSTOMER_ID.format("customer"),
    "occurred_at": "occurred",
    "interaction_type": "type",
    "employee_id": EMPLOYEE_ID.format("employee"),
}
SURVEY_RESPONSES = {
    "response_id": "'S' || (100000000 + number)",
    "customer_id": CUSTOMER_ID.format("customer"),
    "survey_kind": "kind",
    "wave_id": "wave",
    "metric": "metric",
    "sent_at": "sent",
    "answered_at": "answered",
    "score": "score",
    "touchpoint": "touchpoint",
    "mode": "mode",
    "branch_id": BRANCH_ID.format("branch"),
    "comment_text": "quoted(comment::varchar)",
}
COMPLAINTS = {
    "complaint_id": "'K' || (100000000 + number)",
    "customer_id": CUSTOMER_ID.format("customer"),
    "filed_at": "filed",
    "category": "category",
    "first_response_at": "responded",
    "resolved_at": "resolved",
    "branch_id": BRANCH_ID.format("branch"),
    "product_id": "product",
    "employee_id": EMPLOYEE_ID.format("employee"),
    "channel": "channel",
    "complaint_text": "quoted(complaint_text::varchar)",
}
PRODUCT_RETURNS = {
    "return_id": "'R' || (100000000 + number)",
    "customer_id": CUSTOMER_ID.format("customer"),
    "product_id": "product",
    "return_type": "type",
    "purchased_on": "purchased",
    "occurred_at": "occurred",
    "amount": "money(cents)",
}
_ENTITIES = {
    "customers": profiles.CUSTOMERS,
    "accounts": profiles.ACCOUNTS,
    "transactions": TRANSACTIONS,
    "balances": BALANCES,
    "interactions": INTERACTIONS,
    "survey_responses": SURVEY_RESPONSES,
    "complaints": COMPLAINTS,
    "product_returns": PRODUCT_RETURNS,
}
_GB18030 = ("customers", "complaints")
_CONTROLLED = ("transactions", "balances")
_COMPRESSED_ON_FIRST_DAY = ("accounts", "balances")
_EVERY_DAY = ("customers", "transactions")


def headers() -> dict[str, list[str]]:
    """Columns of each entity that is delivered as changes."""
    return {entity: list(fields) for entity, fields in _ENTITIES.items()}


class Writers:
    """One writer per entity, and the running numbers of contacts."""

    def __init__(self, landing: Path, dirt: Dirt, first: int) -> None:
        self.of = {
            entity: EntityWriter(
                landing=landing,
                entity=entity,
                header=list(fields),
                encoding="gb18030" if entity in _GB18030 else "utf-8",
                dirt=dirt,
                has_control_file=entity in _CONTROLLED,
                compressed=frozenset({first} if entity in _COMPRESSED_ON_FIRST_DAY else ()),
            )
            for entity, fields in _ENTITIES.items()
        }
        self.contacts = 0

    def finish(self, every_day: Iterable[int]) -> None:
        """Close all files; required entities get a file on every day."""
        days = list(every_day)
        for entity, writer in self.of.items():
            writer.finish(days if entity in _EVERY_DAY else ())


def write_master_data(engine: duckdb.DuckDBPyConnection, writers: Writers, bank: Bank) -> None:
    """Customers and accounts, each when new and when changed."""
    day, columns = profiles.customer_rows(bank.arguments, bank.people, bank.branches, bank.employees)
    write_rows(engine, writers.of["customers"], profiles.CUSTOMERS, day, columns)
    day, columns = profiles.account_rows(bank.arguments, bank.accounts)
    write_rows(engine, writers.of["accounts"], profiles.ACCOUNTS, day, columns)


def write_transactions(
    engine: duckdb.DuckDBPyConnection, writers: Writers, accounts: Accounts, rows: Rows, numbers: Array
) -> None:
    """The transactions of a month, by posting day."""
    order = np.argsort((rows.day - rows.day.min(initial=NEVER)).astype(np.int16), kind="stable")
    rows, numbers = rows.take(order), numbers[order]
    term = KINDS.index("term")
    shown = np.where(rows.partner == NOTHING, rows.account, rows.partner)
    has_product = (rows.partner != NOTHING) | (accounts.kind[rows.account] == term)
    columns = {
        "number": numbers,
        "customer": rows.customer,
        "occurred": _moments(rows.day - rows.late, rows.second),
        "cents": rows.cents,
        "type": coded(rows.kind, TYPES),
        "account": rows.account,
        "product": coded(np.where(has_product, accounts.product[shown], NOTHING), PRODUCT_IDS),
        "currency": coded(accounts.currency[rows.account], CURRENCIES),
        "channel": coded(rows.channel, CHANNELS),
        "reverses": pa.array(rows.reverses, mask=rows.reverses == NOTHING),
    }
    write_rows(engine, writers.of["transactions"], TRANSACTIONS, rows.day, columns)


def write_balances(
    engine: duckdb.DuckDBPyConnection, writers: Writers, account: Array, day: Array, cents: Array
) -> None:
    """The end-of-day balances of a month: only of accounts that moved."""
    order = np.lexsort((account, day))
    columns = {"account": account[order], "cents": cents[order]}
    write_rows(engine, writers.of["balances"], BALANCES, day[order], columns)


def write_interactions(
    engine: duckdb.DuckDBPyConnection, writers: Writers, parts: Sequence[Interactions]
) -> None:
    """The contacts of a month."""
    day = np.concatenate([part.day for part in parts])
    order = np.argsort(day, kind="stable")
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("customer", "second", "interaction_type", "employee")
    }
    number = writers.contacts + np.arange(len(day))
    writers.contacts += len(day)
    write_rows(
        engine,
        writers.of["interactions"],
        INTERACTIONS,
        day[order],
        {
            "number": number,
            "customer": columns["customer"],
            "occurred": _moments(day[order], columns["second"]),
            "type": coded(columns["interaction_type"], INTERACTION_TYPES),
            "employee": pa.array(columns["employee"], mask=columns["employee"] == NOTHING),
        },
    )


def write_feedback(
    engine: duckdb.DuckDBPyConnection, writers: Writers, surveys: Surveys, complaints: Complaints, bank: Bank
) -> None:
    """Survey answers and complaints, each version on the day on which it is known."""
    _write_surveys(engine, writers, surveys, bank.people.branch)
    _write_complaints(engine, writers, complaints, bank.last)


def _write_surveys(
    engine: duckdb.DuckDBPyConnection, writers: Writers, surveys: Surveys, branch: Array
) -> None:
    """A question is delivered when it is sent, and again when it is answered on a later day."""
    everything = np.arange(len(surveys.customer))
    sent = everything[surveys.answered != surveys.sent]
    answered = everything[surveys.answered != NEVER]
    which = np.concatenate([sent, answered])
    day = np.concatenate([surveys.sent[sent], surveys.answered[answered]])
    is_answer = np.arange(len(which)) >= len(sent)
    order = np.lexsort((which, day))
    which, day, is_answer = which[order], day[order], is_answer[order]
    codes, names = profiles.wave_names(surveys.kind[which], surveys.wave[which])
    score = surveys.score[which]
    columns = {
        "number": which,
        "customer": surveys.customer[which],
        "kind": coded(surveys.kind[which], SURVEY_KINDS),
        "wave": coded(codes, names),
        "metric": coded(surveys.metric[which], METRICS),
        "sent": _moments(surveys.sent[which], surveys.sent_second[which]),
        "answered": _moments(surveys.answered[which], surveys.answered_second[which], ~is_answer),
        "score": pa.array(score, mask=~is_answer),
        "touchpoint": coded(surveys.touchpoint[which], TOUCHPOINTS),
        "mode": coded(surveys.mode[which], MODES),
        "branch": branch[surveys.customer[which]],
        "comment": coded(np.where(is_answer, surveys.comment[which], NOTHING), COMMENTS),
    }
    write_rows(engine, writers.of["survey_responses"], SURVEY_RESPONSES, day, columns)


def _write_complaints(
    engine: duckdb.DuckDBPyConnection, writers: Writers, complaints: Complaints, last: int
) -> None:
    """A complaint is delivered when filed, when answered and when resolved; one version a day."""
    steps = np.stack([complaints.filed, complaints.responded, complaints.resolved]) // _DAY
    number = np.arange(steps.shape[1])
    # A step is delivered unless a later one falls on the same day and tells more.
    tells = np.stack([steps[0] < steps[1], steps[1] < steps[2], np.ones(steps.shape[1], dtype=bool)])
    which = np.concatenate([number[tells[step]] for step in range(3)])
    day = np.concatenate([steps[step][tells[step]] for step in range(3)])
    order = np.lexsort((which, day))
    order = order[day[order] <= last]
    which, day = which[order], day[order]
    responded, resolved = complaints.responded[which], complaints.resolved[which]
    columns = {
        "number": which,
        "customer": complaints.customer[which],
        "filed": complaints.filed[which].astype("datetime64[s]"),
        "category": coded(complaints.category[which], CATEGORIES),
        "responded": _known(responded, responded // _DAY <= day),
        "resolved": _known(resolved, resolved // _DAY <= day),
        "branch": complaints.branch[which],
        "product": coded(complaints.product[which], PRODUCT_IDS),
        "employee": pa.array(complaints.employee[which], mask=complaints.employee[which] == NOTHING),
        "channel": coded(complaints.channel[which], CHANNELS),
        "complaint_text": coded(complaints.text[which], COMPLAINT_TEXTS),
    }
    write_rows(engine, writers.of["complaints"], COMPLAINTS, day, columns)


def write_returns(engine: duckdb.DuckDBPyConnection, writers: Writers, returns: Returns) -> None:
    """Products given back, on the day on which it happens."""
    columns = {
        "number": np.arange(len(returns.day)),
        "customer": returns.customer,
        "product": coded(returns.product, PRODUCT_IDS),
        "type": coded(returns.return_type, RETURN_TYPES),
        "purchased": returns.purchased.astype("datetime64[D]"),
        "occurred": _moments(returns.day, returns.second),
        "cents": returns.cents,
    }
    write_rows(engine, writers.of["product_returns"], PRODUCT_RETURNS, returns.day, columns)


def _moments(days: Array, seconds: Array, unknown: Array | None = None) -> Array:
    """Days and seconds as points in time."""
    moments = np.where(days == NEVER, 0, days.astype(np.int64) * _DAY + seconds).astype("datetime64[s]")
    return moments if unknown is None else np.where(unknown, np.datetime64("NaT"), moments)


def _known(seconds: Array, is_known: Array) -> Array:
    return np.where(is_known, seconds.astype("datetime64[s]"), np.datetime64("NaT"))
