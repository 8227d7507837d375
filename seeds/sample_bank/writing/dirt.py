"""Planted dirt: extra lines that no contract accepts, each recorded with its file and line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from seeds.sample_bank.basics.days import day_of
from seeds.sample_bank.basics.randomness import stream

SHARE_OF_LINES = 1e-4
FEWEST = 66
_MOST_OF_A_FILE = 0.005
_A_FEW = 2
"""Broken lines stay few in every file: a delivery of mostly dirt is another story."""

Fields = list[bytes]
_Break = Callable[[Fields, int, int], bytes]


def _joined(fields: Fields) -> bytes:
    return b",".join(fields)


def _with(value: bytes) -> _Break:
    def change(fields: Fields, column: int, day: int) -> bytes:
        return _joined([*fields[:column], value, *fields[column + 1 :]])

    return change


def _too_few(fields: Fields, column: int, day: int) -> bytes:
    return _joined(fields[:-1])


def _too_many(fields: Fields, column: int, day: int) -> bytes:
    return _joined([*fields, b"surplus"])


def _unbalanced(fields: Fields, column: int, day: int) -> bytes:
    return _joined([*fields[:column], b'"' + fields[column], *fields[column + 1 :]])


def _undecodable(fields: Fields, column: int, day: int) -> bytes:
    return _joined([*fields[:column], fields[column] + b"\xff\xff", *fields[column + 1 :]])


def _duplicate(fields: Fields, column: int, day: int) -> bytes:
    return _joined(fields)


def _tomorrow(fields: Fields, column: int, day: int) -> bytes:
    time = b" 09:30:00" if b" " in fields[column] else b""
    return _with(str(day_of(day + 1)).encode() + time)(fields, column, day)


def _impossible(fields: Fields, column: int, day: int) -> bytes:
    time = b" 10:15:00" if b" " in fields[column] else b""
    return _with(b"2025-02-30" + time)(fields, column, day)


_BREAKS: dict[str, _Break] = {
    "too_few_fields": _too_few,
    "too_many_fields": _too_many,
    "unbalanced_quote": _unbalanced,
    "undecodable_bytes": _undecodable,
    "duplicate_key": _duplicate,
    "future_date": _tomorrow,
    "impossible_date": _impossible,
    "unknown_reference": _with(b"X00000000"),
    "not_a_number": _with(b"12.3.4"),
    "negative_amount": _with(b"-88.00"),
    "unknown_value": _with(b"unheard_of"),
    "missing_required": _with(b""),
    "off_the_scale": _with(b"11"),
}
KINDS = tuple(_BREAKS)

_MENU = {
    # entity: (kind, column) in the order in which they are planted first
    "transactions": [
        ("too_few_fields", ""),
        ("unknown_reference", "customer_id"),
        ("not_a_number", "amount"),
        ("negative_amount", "amount"),
        ("impossible_date", "occurred_at"),
        ("future_date", "occurred_at"),
        ("unknown_value", "transaction_type"),
        ("duplicate_key", "transaction_id"),
        ("unbalanced_quote", "channel"),
        ("undecodable_bytes", "channel"),
        ("unknown_reference", "account_id"),
        ("missing_required", "customer_id"),
        ("too_many_fields", ""),
        ("missing_required", "amount"),
    ],
    "balances": [
        ("unknown_reference", "account_id"),
        ("not_a_number", "balance_amount"),
        ("duplicate_key", "account_id"),
        ("too_many_fields", ""),
        ("missing_required", "balance_amount"),
        ("too_few_fields", ""),
    ],
    "customers": [
        ("undecodable_bytes", "customer_name"),
        ("unknown_value", "customer_type"),
        ("impossible_date", "opened_on"),
        ("missing_required", "opened_on"),
        ("duplicate_key", "customer_id"),
        ("unbalanced_quote", "customer_name"),
    ],
    "accounts": [
        ("unknown_reference", "customer_id"),
        ("future_date", "opened_on"),
        ("duplicate_key", "account_id"),
        ("too_many_fields", ""),
        ("unknown_reference", "product_id"),
        ("missing_required", "product_id"),
    ],
    "interactions": [
        ("unknown_value", "interaction_type"),
        ("unknown_reference", "customer_id"),
        ("too_few_fields", ""),
        ("duplicate_key", "interaction_id"),
        ("future_date", "occurred_at"),
    ],
    "complaints": [
        ("undecodable_bytes", "complaint_text"),
        ("unknown_value", "category"),
        ("unknown_reference", "customer_id"),
        ("missing_required", "filed_at"),
    ],
    "survey_responses": [
        ("off_the_scale", "score"),
        ("unknown_value", "metric"),
        ("unknown_reference", "customer_id"),
        ("duplicate_key", "response_id"),
        ("undecodable_bytes", "comment_text"),
    ],
}
_SHARES = {
    "transactions": 0.40,
    "balances": 0.20,
    "customers": 0.08,
    "accounts": 0.12,
    "interactions": 0.12,
    "complaints": 0.02,
    "survey_responses": 0.06,
}
_FIRST_DAY_SHARE = {"customers": 0.5, "accounts": 0.5, "balances": 0.1}
"""Master data comes mostly on the first day; so does its dirt."""


@dataclass(frozen=True)
class Planted:
    """One broken line.

    Attributes:
        entity, day, file, line: Where it is; the header is line 1.
        kind: What is wrong.
        column: Column that is wrong, empty when it is the whole line.
    """

    entity: str
    day: int
    file: str
    line: int
    kind: str
    column: str


@dataclass
class PlantedDirt:
    """Adds broken lines to the files of a bank and remembers where.

    Attributes:
        headers: Columns of each entity.
        planted: What was planted, in the order of writing.
    """

    seed: int
    headers: dict[str, list[str]]
    waiting: dict[str, deque[tuple[int, str, str]]]
    planted: list[Planted] = field(default_factory=list)

    def is_due(self, entity: str, day: int) -> bool:
        """See ``files.Dirt``."""
        queue = self.waiting.get(entity)
        return queue is not None and len(queue) > 0 and queue[0][0] <= day

    def plant(self, entity: str, day: int, file: str, lines: list[bytes], first_line: int) -> list[bytes]:
        """See ``files.Dirt``."""
        queue = self.waiting[entity]
        clean = [place for place, line in enumerate(lines) if b'"' not in line]
        room = min(max(_A_FEW, int(len(lines) * _MOST_OF_A_FILE)), len(clean) // 2)
        due: list[tuple[str, str]] = []
        while queue and queue[0][0] <= day and len(due) < room:
            due.append(queue.popleft()[1:])
        if not due:
            return lines
        rng = stream(self.seed, "dirt", entity, day, first_line)
        # The line that is copied stays good; its broken copy follows it, so a duplicate is the later one.
        places = sorted(int(place) for place in rng.choice(clean, len(due), replace=False))
        result: list[bytes] = []
        start = 0
        for place, (kind, column) in zip(places, due, strict=True):
            result += lines[start : place + 1]
            start = place + 1
            result.append(self._broken(entity, lines[place], kind, column, day))
            self.planted.append(Planted(entity, day, file, first_line + len(result) - 1, kind, column))
        return result + lines[start:]

    def _broken(self, entity: str, line: bytes, kind: str, column: str, day: int) -> bytes:
        fields, header = line.split(b","), self.headers[entity]
        # A new key, so that the key is not a second fault; a balance has no key of its own.
        if kind != "duplicate_key" and entity != "balances":
            fields[0] = fields[0][:1] + b"9" + str(len(self.planted)).zfill(len(fields[0]) - 2).encode()
        if kind == "off_the_scale":
            fields[header.index("metric")] = b"csat"
        return _BREAKS[kind](fields, header.index(column) if column else 0, day)


def dirt_of(
    seed: int, expected_lines: float, first: int, last: int, headers: dict[str, list[str]]
) -> PlantedDirt:
    """Dirt for a bank: about one line in ten thousand, at least some of every kind.

    Args:
        seed: Seed of the bank.
        expected_lines: Roughly how many lines the bank will deliver.
        first: First business date, a day number.
        last: Last business date, a day number.
        headers: Columns of each entity.
    """
    total = max(FEWEST, round(expected_lines * SHARE_OF_LINES))
    waiting: dict[str, deque[tuple[int, str, str]]] = {}
    for entity, menu in _MENU.items():
        count = max(len(menu), round(total * _SHARES[entity]))
        at_once = round(count * _FIRST_DAY_SHARE.get(entity, 0.0))
        later = np.linspace(first, first + 0.9 * (last - first), count - at_once).astype(int)
        days = [first] * at_once + later.tolist()
        waiting[entity] = deque((day, *menu[number % len(menu)]) for number, day in enumerate(days))
    return PlantedDirt(seed, headers, waiting)


class NoDirt:
    """Leaves every file as it is."""

    planted: tuple[Planted, ...] = ()

    def is_due(self, entity: str, day: int) -> bool:
        """See ``files.Dirt``."""
        return False

    def plant(self, entity: str, day: int, file: str, lines: list[bytes], first_line: int) -> list[bytes]:
        """See ``files.Dirt``."""
        return lines
