"""References: what is known of the entities that are referred to, and since when.

An entity may refer to itself: a reversal to its original, a person to the company. Of such keys only those
that somebody asks for are looked up, since the entity may be large and few of its rows ask.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from clientele.contracts import Column, Contract
from clientele.settings import Settings
from clientele.sql import files_like, identifier, literal
from orchestration.loading.judging import known_keys
from orchestration.loading.judging.column_rules import shown


def know(engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract) -> dict[str, str]:
    """Make a table of known keys for each referencing column; those of its own entity are filled when asked.

    Returns:
        Name of the table of ``key`` and ``since``, by column.
    """
    tables: dict[tuple[str, str], str] = {}
    own = {column.name: f"known_own_{number}" for number, (column, _) in enumerate(contract.own_references)}
    for table in own.values():
        engine.execute(f"create or replace table {table} (key varchar, since date)")
    for column, entity, target in contract.references:
        if column.name not in own and (entity, target) not in tables:
            tables[entity, target] = table = f"known_{len(tables)}"
            file = known_keys.ensure(engine, settings, entity, target)
            source = files_like(file.parent, file.name)
            engine.execute(f"create or replace table {table} as from read_parquet({source})")
    return {
        column.name: own.get(column.name) or tables[entity, target]
        for column, entity, target in contract.references
    }


def look_up_own(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    target: str,
    known: str,
    wanted: str,
    where: str,
) -> None:
    """Fill the table of known keys of a reference to the own entity.

    Args:
        engine: Holds the table; ``wanted_<table>`` is added.
        settings: Where the lake is.
        contract: The entity.
        target: Its column that is referred to.
        known: The table.
        wanted: Query of the keys that somebody asks for.
        where: SQL condition on the rows of the lake that count.
    """
    engine.execute(
        f"create or replace table wanted_{known} as select distinct key from ({wanted}) as asked(key)"
    )
    # When nobody asks, no file of the lake need be opened.
    days = None if engine.execute(f"from wanted_{known} limit 1").fetchall() else ()
    engine.execute(f"""
        create or replace table {known} as
        select {identifier(target)} as key, min(business_date) as since
        from {known_keys.rows(settings, "raw", contract.name, days)} as lake
        semi join wanted_{known} on wanted_{known}.key = lake.{identifier(target)}
        where {where}
        group by all
    """)


def reject_unknown_own(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    column: Column,
    target: str,
    known: str,
) -> None:
    """Reject staged rows that refer to a row of their own entity that is neither in the lake nor staged.

    What a staged date holds of its own delivery is about to be replaced; its healed rows stay.
    """
    value, key = identifier(column.name), identifier(target)
    look_up_own(
        engine,
        settings,
        contract,
        target,
        known,
        f"select {value} from staged where reason is null and {value} is not null",
        "business_date not in (select distinct business_date from staged) or contains(source_file, '/')",
    )
    engine.execute(f"create or replace table held_{known} as from {known}")
    rejected = 1
    # A row whose parent was rejected has none; so may its own child.
    while rejected and engine.execute(f"from wanted_{known} limit 1").fetchall():
        engine.execute(f"""
            create or replace table {known} as
            select key, min(since) as since from (
                from held_{known}
                union all
                select {key}, business_date from staged
                semi join wanted_{known} on wanted_{known}.key = staged.{key}
                where reason is null
            ) group by key
        """)
        [(rejected,)] = engine.execute(
            mark_unknown(column, known, contract.mode == "delta", is_own=True)
        ).fetchall()


def mark_unknown(column: Column, known: str, by_delivery: bool, is_own: bool = False) -> str:
    """A statement that rejects rows whose reference is not known.

    Args:
        column: The referencing column.
        known: Table of ``key`` and ``since``, the first business date on which the key was delivered.
        by_delivery: Whether the key must be known on the business date of the row; else any date will do.
        is_own: Whether the reference is to other rows of the same entity, of which something is known then.

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
                and {"true" if is_own else f"staged.{is_judged(known)}"}
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
    for number, (column, entity, _) in enumerate(contract.references):
        value, table = f"waiting.{identifier(column.name)}", known[column.name]
        joins.append(f"left join {table} as parent_{number} on parent_{number}.key = {value}")
        unjudged = f"({value} is null or not coalesce(waiting.{is_judged(table)}, false))"
        if entity == contract.name:
            unjudged = f"({value} is null)"
        parents.append((unjudged, f"parent_{number}.since"))
    return f"{known_keys.rows(settings, 'waiting', contract.name)} as waiting {' '.join(joins)}", parents
