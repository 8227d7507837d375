"""References: what is known of the entities that are referred to, and since when."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from clientele.contracts import Column, Contract
from clientele.settings import Settings
from clientele.sql import files_like, identifier, literal
from orchestration.loading.judging import known_keys
from orchestration.loading.judging.column_rules import shown


def know(engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract) -> dict[str, str]:
    """Make a table of known keys for each referencing column.

    Returns:
        Name of the table of ``key`` and ``since``, by column.
    """
    tables: dict[tuple[str, str], str] = {}
    for _, entity, target in contract.references:
        if (entity, target) not in tables:
            tables[entity, target] = table = f"known_{len(tables)}"
            file = known_keys.ensure(engine, settings, entity, target)
            source = files_like(file.parent, file.name)
            engine.execute(f"create or replace table {table} as from read_parquet({source})")
    return {column.name: tables[entity, target] for column, entity, target in contract.references}


def mark_unknown(column: Column, known: str, by_delivery: bool) -> str:
    """A statement that rejects rows whose reference is not known.

    Args:
        column: The referencing column.
        known: Table of ``key`` and ``since``, the first business date on which the key was delivered.
        by_delivery: Whether the key must be known on the business date of the row; else any date will do.

    Returns:
        SQL; rows of dates before anything was known are not judged.
    """
    entity, target = column.references or ("", "")
    value = shown(column, identifier(column.name))
    said = literal(f" is not a known {entity}.{target}")
    later = " or known.since > staged.business_date" if by_delivery else ""
    return f"""
        update staged set reason = {literal(column.name + ": ")} || {value} || {said}, waits_for = 'reference'
        from (
            select staged.rowid as unknown
            from staged
            left join {known} as known on known.key = staged.{identifier(column.name)}
            where staged.reason is null
                and staged.{identifier(column.name)} is not null
                and staged.business_date >= (select min(since) from {known})
                and (known.since is null{later})
        )
        where staged.rowid = unknown
    """


def is_judged(known: str) -> str:
    """SQL of whether a row is judged: not before anything was known of the parent."""
    return f"business_date >= (select min(since) from {known})"


def with_parents(
    settings: Settings, contract: Contract, known: Mapping[str, str]
) -> tuple[str, list[tuple[str, str]]]:
    """Rows that wait, beside their parents.

    Returns:
        SQL after ``from``; and for each reference SQL of whether it is not judged, and of when its parent
        became known.
    """
    joins, parents = [], []
    for number, (column, _, _) in enumerate(contract.references):
        value, table = f"waiting.{identifier(column.name)}", known[column.name]
        joins.append(f"left join {table} as parent_{number} on parent_{number}.key = {value}")
        unjudged = f"({value} is null or not coalesce(waiting.{is_judged(table)}, false))"
        parents.append((unjudged, f"parent_{number}.since"))
    return f"{known_keys.rows(settings, 'waiting', contract.name)} as waiting {' '.join(joins)}", parents
