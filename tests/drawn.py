"""Deliveries drawn by chance from what the contracts accept, and mostly from its edges.

The loader's own judgement says which drawn rows are accepted; what is left is delivered as files.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import duckdb
import pyarrow as pa

from clientele.contracts import Column, Contract, load_contracts, load_order
from orchestration.loading.judging import staging
from orchestration.loading.reading import streams
from tests.deliveries import Bank

Text = str | None
Row = dict[str, Text]

_TRIES = 8
"""Rows drawn for one that is delivered: many edges are not accepted together."""
_TEXTS = ("x", "王小明", "a, \"b\" 'c'; --", "𠮷" * 40, "long " * 900, "0", "-1", "NaN?", "%_\\", "Ａ")
_CURRENCIES = ("CNY", "USD", "JPY", "KWD", "ZWL")
_WAYS = ("usual", "edge", "empty")


@dataclass
class Draw:
    """A bank that grows by drawn deliveries.

    Attributes:
        seed: Decides on everything.
        days: Business dates, in order.
        rows: Most rows of a delivery.
    """

    seed: int
    days: Sequence[date]
    rows: int = 6
    known: dict[str, list[tuple[str, date]]] = field(default_factory=lambda: defaultdict(list))

    def deliver(self, bank: Bank) -> int:
        """Write a delivery of every entity for every day.

        Returns:
            Deliveries with at least one row.
        """
        contracts = load_contracts()
        filled = 0
        for entity in load_order(contracts):
            contract = contracts[entity]
            # A chance of its own, so that another contract does not change what is drawn for this one.
            chance = random.Random(f"{self.seed} {entity}")
            drawn = [(day, row) for day in self.days for row in self._drawn(chance, contract, day)]
            by_day = self._deliveries(contract, _accepted(contract, drawn))
            for day in self.days:
                bank.deliver(entity, _file(contract, by_day.get(day, [])), day)
            filled += len(by_day)
        return filled

    def _drawn(self, chance: random.Random, contract: Contract, day: date) -> Iterator[Row]:
        is_full = contract.mode == "full"
        for number in range((self.rows if is_full else chance.randint(1, self.rows)) * _TRIES):
            row = {column.name: self._value(chance, contract, column, day) for column in contract.columns}
            key = contract.key[0]
            if row.get("score") and not row["answered_at"]:
                continue  # TODO
            if is_full:  # every delivery has all of it
                row[key] = f"{contract.name[:2]}{number % self.rows}"
            elif not _column(contract, key).references and _column(contract, key).type == "varchar":
                is_new = contract.row_kind == "event" or chance.random() < 0.5
                row[key] = row[key] if not is_new and row[key] else f"{contract.name[:2]}{day:%m%d}{number:03d}"
            yield row

    def _value(self, chance: random.Random, contract: Contract, column: Column, day: date) -> Text:
        if not column.required and chance.random() < 0.25:
            return None
        if column.references:
            found = [key for key, since in self.known[".".join(column.references)] if since <= day]
            return chance.choice(found) if found else None
        if column.name in contract.key and column.type == "varchar" and column.pattern is None:
            return chance.choice(self.known[f"{contract.name}.{column.name}"] or [(None, day)])[0]
        if column.allowed:
            return chance.choice(column.allowed)
        if column.name == "currency":
            return chance.choice(_CURRENCIES)
        kind = column.type.partition("(")[0]
        return chance.choice(_EDGES[kind](column, day)) if chance.random() < 0.5 else _usual(chance, kind, day)

    def _deliveries(self, contract: Contract, accepted: Iterator[tuple[date, Row]]) -> dict[date, list[Row]]:
        """What is delivered: of the accepted rows as many as wanted, each key once, or once a day."""
        taken: dict[date, list[Row]] = defaultdict(list)
        keys: set[tuple[Text | date, ...]] = set()
        for day, row in accepted:
            key = tuple(row[name] for name in contract.key)
            scope = key if contract.row_kind == "event" else (day, *key)
            if scope not in keys and len(taken[day]) < self.rows:
                keys.add(scope)
                taken[day].append(row)
        for day in sorted(taken):
            for row in taken[day]:
                for column in contract.columns:
                    value = row[column.name]
                    if value is not None and column.name in contract.key:
                        self.known[f"{contract.name}.{column.name}"].append((value, day))
        return dict(taken)


def _column(contract: Contract, name: str) -> Column:
    return next(column for column in contract.columns if column.name == name)


def _accepted(contract: Contract, drawn: Sequence[tuple[date, Row]]) -> Iterator[tuple[date, Row]]:
    """The drawn rows that the loader accepts by themselves."""
    columns = {
        "file_id": pa.nulls(len(drawn), pa.int32()),
        "business_date": pa.array([day for day, _ in drawn], pa.date32()),
        "line": pa.array(range(len(drawn)), pa.int64()),
        "malformed": pa.nulls(len(drawn), pa.string()),
        "raw": pa.nulls(len(drawn), pa.string()),
    } | {
        f"text_{number}": pa.array([row[name] for _, row in drawn], pa.string())
        for number, name in enumerate(contract.names)
    }
    with duckdb.connect() as engine:
        engine.register("drawn", pa.table(columns, streams.stream_schema(len(contract.columns))))
        found = engine.execute(
            f"select line from ({staging.staged(contract, 'drawn')}) where reason is null order by line"
        ).fetchall()
    return (drawn[line] for (line,) in found)


def _file(contract: Contract, rows: Sequence[Mapping[str, Text]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(contract.names)
    writer.writerows([row[name] for name in contract.names] for row in rows)
    return text.getvalue().encode(contract.encoding)


def _dates(column: Column, day: date) -> list[str]:
    edges = [date.min, date(1899, 12, 31), date(1900, 1, 1), date(1969, 12, 31), date(1970, 1, 1)]
    edges += [date(1989, 12, 31), date(1990, 1, 1), date(2000, 2, 29), date(2038, 1, 19), date.max]
    edges += [day, day - timedelta(days=1), day.replace(day=1), date(day.year - 1, 12, 31), day + timedelta(days=1)]
    return [edge.isoformat() for edge in edges if edge >= date(1990, 1, 1)]  # TODO


def _times(column: Column, day: date) -> list[str]:
    clocks = (time.min, time(23, 59, 59), time(23, 59, 59, 999_999), time(12))
    return [
        f"{edge} {clock.isoformat()}" for edge in _dates(column, day) for clock in clocks
    ]


def _decimals(column: Column, day: date) -> list[str]:
    precision, scale = map(int, column.type[8:-1].split(","))
    step = Decimal(1).scaleb(-scale)
    most = Decimal(10) ** (precision - scale) - step
    found = [Decimal(0), step, -step, Decimal(1), Decimal(-1), most, -most]
    found += [Decimal(10) ** power for power in range(2, precision - scale)]
    limits = [Decimal(str(limit)) for limit in (column.minimum, getattr(column, "maximum", None)) if limit is not None]
    found += [limit + change for limit in limits for change in (-step, Decimal(0), step)]
    cap = Decimal(100) if column.name == "mid_rate" else Decimal(10) ** 11  # TODO
    found = [number for number in found if abs(number) < cap]
    return [f"{number:f}" for number in found]


def _integers(bits: int) -> list[str]:
    return [str(number) for number in (0, 1, -1, 5, 10, 1000, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)))]


_EDGES = {
    "varchar": lambda column, day: list(_TEXTS),
    "boolean": lambda column, day: ["true", "false", "1", "N"],
    "date": _dates,
    "timestamp": _times,
    "decimal": _decimals,
    "integer": lambda column, day: _integers(32),
    "bigint": lambda column, day: _integers(64),
}


def _usual(chance: random.Random, kind: str, day: date) -> str:
    near = day - timedelta(days=chance.randint(0, 400))
    values = {
        "varchar": f"w{chance.randint(1, 3)}",
        "boolean": chance.choice(("true", "false")),
        "date": near.isoformat(),
        "timestamp": str(datetime.combine(near, time(chance.randint(0, 23), chance.randint(0, 59)))),
        "decimal": f"{chance.randint(0, 200_000)}.{chance.randint(0, 99):02d}",
        "integer": str(chance.randint(0, 10)),
        "bigint": str(chance.randint(0, 10)),
    }
    return values[kind]
