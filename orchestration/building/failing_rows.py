"""The rows for which a dbt test fails, and the delivered lines they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from clientele.contracts import Contract, load_contracts
from clientele.settings import Settings
from clientele.sql import identifier
from orchestration import lake
from orchestration.loading.judging import known_keys
from orchestration.loading.judging.repeats import place

SHOWN = 5
"""Rows that a message names."""


def failing_rows(settings: Settings, query: str) -> tuple[str, ...]:
    """Ask a failed test once more.

    Args:
        settings: Where the warehouse and the lake are; dbt must have ended.
        query: The compiled SQL of the test.

    Returns:
        Up to five rows as text, without personal data; where a row has the key of something delivered,
        with the latest line that delivered it. Empty if the query itself fails.
    """
    contracts = load_contracts()
    personal = {
        column.name
        for contract in contracts.values()
        for column in contract.columns
        if column.classification != "C1"
    }
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        try:
            # Ordered, so that the same failure names the same rows.
            found = warehouse.execute(f"select * from ({query}) order by all limit {SHOWN}")
        except duckdb.Error:
            return ()  # dbt has said why
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    said = []
    for row in rows:
        shown = ", ".join(f"{name}={value}" for name, value in row.items() if name not in personal)
        places = "; ".join(_places(settings, contracts, row))
        said.append(f"{shown} ({places})" if places else shown)
    return tuple(said)


def _places(settings: Settings, contracts: Mapping[str, Contract], row: Mapping[str, Any]) -> Iterator[str]:
    """The latest delivered line of each thing whose whole key a row has."""
    for contract in contracts.values():
        if not all(row.get(name) is not None for name in contract.key):
            continue
        if not lake.committed(settings, contract.name):
            continue
        same = " and ".join(f"{identifier(name)}::varchar = ?" for name in contract.key)
        found = duckdb.execute(
            f"""
            select {place("business_date")} from {known_keys.rows(settings, "raw", contract.name)}
            where {same} order by business_date desc, source_file desc, source_line desc limit 1
            """,
            [str(row[name]) for name in contract.key],
        ).fetchone()
        if found:
            yield f"{contract.name} {found[0]}"
