"""A key more than once in a delivery: duplicates, versions that supersede others, and contradictions."""

from __future__ import annotations

from tests.bad_deliveries.case import BRANCHES, CUSTOMERS, SURVEYS, TRANSACTIONS, Kind, Reject

_K = Kind("repeated_keys")
_FIRST, _SECOND, _LAST = TRANSACTIONS.rows
_BRANCH, _OTHER_BRANCH, _LAST_BRANCH = BRANCHES.rows
_SURVEY, _OTHER_SURVEY, _LAST_SURVEY = SURVEYS.rows

_CUSTOMER = "C1,individual,2020-01-01,王小明,true"
_MOVED = "C1,individual,2020-01-01,王大明,true"
_OTHER, _THIRD = CUSTOMERS.rows[1:]


def _event(line: int, why: str) -> tuple[int, str, str]:
    return line, "transaction_id", f"transaction_id: {why}"


def _version(line: int, why: str) -> tuple[int, str, str]:
    return line, "customer_id", f"customer_id: {why}"


_EVENTS = [
    _K.file(
        "event-same",
        "an event twice, the rest the same",
        TRANSACTIONS.text(_FIRST, _FIRST, _LAST),
        [_FIRST, _LAST],
        [_event(3, "duplicate of transactions.csv line 2")],
    ),
    _K.file(
        "event-same-number",
        "an event twice, its amount written with another number of places",
        TRANSACTIONS.text(_FIRST, _FIRST.replace("12.30", "12.3"), _LAST),
        [_FIRST, _LAST],
        [_event(3, "duplicate of transactions.csv line 2")],
    ),
    _K.file(
        "event-other-amount",
        "an event twice, with another amount: the first stays",
        TRANSACTIONS.text(_FIRST, _FIRST.replace("12.30", "12.31"), _LAST),
        [_FIRST, _LAST],
        [_event(3, "conflicts with transactions.csv line 2, which has another amount")],
    ),
    _K.file(
        "event-other-everything",
        "two events under one key: the first stays",
        TRANSACTIONS.text(_FIRST, _SECOND.replace("T2", "T1"), _LAST),
        [_FIRST, _LAST],
        [
            _event(
                3,
                "conflicts with transactions.csv line 2, which has another occurred_at, amount, "
                "transaction_type, channel",
            )
        ],
    ),
    _K.file(
        "event-after-bad",
        "an event twice, the first time in a rejected line",
        TRANSACTIONS.text(_FIRST.replace("12.30", "1230x"), _FIRST, _LAST),
        [_FIRST, _LAST],
        [(2, "amount", "amount: '1230x' is not a decimal(18,2)")],
    ),
    _K.files(
        "event-files-same",
        "the same events in two files",
        {"a.csv": TRANSACTIONS.text(), "b.csv": TRANSACTIONS.text()},
        TRANSACTIONS.rows,
        [
            Reject("b.csv", line, "transaction_id", f"transaction_id: duplicate of a.csv line {line}")
            for line in (2, 3, 4)
        ],
    ),
    _K.files(
        "event-files-other",
        "an event again in a second file, with other values: the first stays",
        {
            "a.csv": TRANSACTIONS.text(_FIRST, _SECOND),
            "b.csv": TRANSACTIONS.text(_FIRST.replace("app", "web"), _LAST),
        },
        (_FIRST, _SECOND, _LAST),
        [
            Reject(
                "b.csv",
                2,
                "transaction_id",
                "transaction_id: conflicts with a.csv line 2, which has another channel",
            )
        ],
    ),
]
_VERSIONS = [
    _K.file(
        "version-changed",
        "a customer twice in a delivery of changes: the last holds",
        CUSTOMERS.text(_CUSTOMER, _OTHER, _MOVED),
        [_OTHER, _MOVED],
        [_version(2, "superseded by customers.csv line 4")],
        CUSTOMERS,
    ),
    _K.file(
        "version-three",
        "a customer three times, each time with another name: the last holds",
        CUSTOMERS.text(_CUSTOMER.replace("小", "中"), _CUSTOMER, _OTHER, _MOVED),
        [_OTHER, _MOVED],
        [
            _version(2, "superseded by customers.csv line 5"),
            _version(3, "superseded by customers.csv line 5"),
        ],
        CUSTOMERS,
    ),
    _K.file(
        "version-cleared",
        "a customer twice, the second time with an empty value: it is cleared",
        CUSTOMERS.text(_CUSTOMER, "C1,individual,2020-01-01,王小明,", _OTHER),
        ["C1,individual,2020-01-01,王小明,", _OTHER],
        [_version(2, "superseded by customers.csv line 3")],
        CUSTOMERS,
    ),
    _K.file(
        "version-same",
        "a customer twice, the rest the same",
        CUSTOMERS.text(_CUSTOMER, _OTHER, _CUSTOMER),
        [_CUSTOMER, _OTHER],
        [_version(4, "duplicate of customers.csv line 2")],
        CUSTOMERS,
    ),
    _K.file(
        "version-back",
        "a customer changed and changed back: the last line holds",
        CUSTOMERS.text(_CUSTOMER, _MOVED, _CUSTOMER, _OTHER),
        [_CUSTOMER, _OTHER],
        [
            _version(2, "duplicate of customers.csv line 4"),
            _version(3, "superseded by customers.csv line 4"),
        ],
        CUSTOMERS,
    ),
    _K.file(
        "version-before-bad",
        "a customer twice, the second time in a rejected line: it replaces nothing",
        CUSTOMERS.text(_CUSTOMER, _MOVED.replace("2020-01-01", "2020-13-01"), _OTHER),
        [_CUSTOMER, _OTHER],
        [(3, "opened_on", "opened_on: '2020-13-01' is not a date")],
        CUSTOMERS,
    ),
    _K.files(
        "version-files",
        "a customer in two files that contradict each other: the last file by name holds",
        {"20.csv": CUSTOMERS.text(_MOVED, _OTHER), "10.csv": CUSTOMERS.text(_CUSTOMER, _THIRD)},
        [_THIRD, _MOVED, _OTHER],
        [Reject("10.csv", 2, "customer_id", "customer_id: superseded by 20.csv line 2")],
        sample=CUSTOMERS,
    ),
    _K.file(
        "version-answered",
        "a survey question unanswered, and answered further down",
        SURVEYS.text(_SURVEY.removesuffix("10"), _OTHER_SURVEY, _LAST_SURVEY, _SURVEY),
        [_OTHER_SURVEY, _LAST_SURVEY, _SURVEY],
        [(2, "response_id", "response_id: superseded by survey_responses.csv line 5")],
        SURVEYS,
    ),
]
_SNAPSHOTS = [
    _K.file(
        "snapshot-other",
        "a branch twice in a full snapshot, with another city: the first stays",
        BRANCHES.text(_BRANCH, _BRANCH.replace("杭州", "宁波"), _OTHER_BRANCH),
        [_BRANCH, _OTHER_BRANCH],
        [(3, "branch_id", "branch_id: conflicts with branches.csv line 2, which has another city")],
        BRANCHES,
    ),
    _K.file(
        "snapshot-emptied",
        "a branch twice in a full snapshot, once without its city: the first stays",
        BRANCHES.text(_BRANCH, _OTHER_BRANCH, _BRANCH.removesuffix("杭州")),
        [_BRANCH, _OTHER_BRANCH],
        [(4, "branch_id", "branch_id: conflicts with branches.csv line 2, which has another city")],
        BRANCHES,
    ),
    _K.file(
        "snapshot-same",
        "a branch twice in a full snapshot, the rest the same",
        BRANCHES.text(_BRANCH, _OTHER_BRANCH, _BRANCH),
        [_BRANCH, _OTHER_BRANCH],
        [(4, "branch_id", "branch_id: duplicate of branches.csv line 2")],
        BRANCHES,
    ),
    _K.files(
        "snapshot-files",
        "a branch in two files of a full snapshot that contradict each other: the first stays",
        {"a.csv": BRANCHES.text(_BRANCH), "b.csv": BRANCHES.text(_BRANCH.replace("滨江", "江滨"))},
        [_BRANCH],
        [
            Reject(
                "b.csv",
                2,
                "branch_id",
                "branch_id: conflicts with a.csv line 2, which has another branch_name",
            )
        ],
        sample=BRANCHES,
    ),
]
CASES = [
    _EVENTS[0].reported("firefly-iii/firefly-iii#5083"),
    *_EVENTS[1:],
    _VERSIONS[0].reported("datamill-co/target-postgres#232", "ydb-platform/ydb#11380"),
    _VERSIONS[1].reported("StarRocks/starrocks#817", "zzzprojects/EntityFramework-Extensions#524"),
    *_VERSIONS[2:6],
    _VERSIONS[6].reported("uktrade/pg-bulk-ingest#105"),
    *_VERSIONS[7:],
    _SNAPSHOTS[0].reported("dbt-labs/dbt-core#6089"),
    *_SNAPSHOTS[1:],
]
