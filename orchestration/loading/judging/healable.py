"""Waiting rows that can be accepted, since what they refer to has been delivered (D-34)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

import duckdb

from clientele.contracts import Contract
from clientele.settings import Settings
from clientele.sql import identifiers
from orchestration import lake
from orchestration.loading.judging import known_keys
from orchestration.loading.judging.references import with_parents

OWN = "not contains(source_file, '/')"
"""SQL of whether a row came with the delivery of its own business date."""


def healed(
    engine: duckdb.DuckDBPyConnection, settings: Settings, contract: Contract, known: Mapping[str, str]
) -> dict[date, str]:
    """Find the waiting rows that can be accepted, each on the date on which its last parent became known.

    Leaves them in the table ``healed``: the columns of the lake, ``business_date`` (of the delivery) and
    ``healed_on``.

    Args:
        engine: Holds the tables of ``know``.
        settings: Where the lake is.
        contract: The entity.
        known: Table of known keys by column.

    Returns:
        Hash of the rows by the date on which they are accepted; empty for full snapshots, which are judged
        by all that is known and bring every row again.
    """
    engine.execute(f"create or replace table candidates as {_candidates(settings, contract, known)}")
    key = identifiers(contract.key)
    # Without candidates no file of the lake need be opened.
    days = None if engine.execute("from candidates limit 1").fetchall() else ()
    engine.execute(f"""
        create or replace table own_keys as
        select {key}, business_date as owned_on, source_file, source_line
        from {known_keys.rows(settings, "raw", contract.name, days)} as lake
        semi join candidates using ({key})
        where {OWN}
    """)
    choose = _first_of_event if contract.row_kind == "event" else _latest_version
    columns = identifiers(contract.names)
    engine.execute(f"""
        create or replace table healed as
        select {columns}, source_file, source_line, business_date, healed_on from ({choose(key)})
        order by healed_on, business_date, source_file, source_line
    """)
    digests: dict[date, hashlib._Hash] = {}
    for *row, day in engine.execute("from healed").fetchall():
        digests.setdefault(day, hashlib.sha256()).update(repr(row).encode())
    return {day: digest.hexdigest()[: lake.SHORT] for day, digest in digests.items()}


def _candidates(settings: Settings, contract: Contract, known: Mapping[str, str]) -> str:
    """Waiting rows whose parents are all known, with the date on which the last of them became so."""
    source, parents = with_parents(settings, contract, known)
    dates = [
        f"case when {unjudged} then waiting.business_date else {since} end" for unjudged, since in parents
    ]
    all_known = " and ".join(f"({unjudged} or {since} is not null)" for unjudged, since in parents)
    return f"""
        select waiting.*, greatest(waiting.business_date, {", ".join(dates)}) as healed_on
        from {source} where waits_for = 'reference' and {all_known}
    """


def _first_of_event(key: str) -> str:
    """An event that was accepted on its own day or earlier is not accepted again."""
    return f"""
        select candidates.*
        from candidates
        where healed_on > business_date and not exists (
            select 1 from own_keys
            where {_same(key, "own_keys", "candidates")} and own_keys.owned_on <= candidates.healed_on
        )
        qualify row_number() over (
            partition by {key} order by healed_on, business_date, source_file, source_line
        ) = 1
    """


def _latest_version(key: str) -> str:
    """A version is not accepted once a later one has been: of a later delivery, or further down in its own."""
    candidate = "row(candidates.business_date, candidates.source_file, candidates.source_line)"
    return f"""
        select candidates.*
        from candidates
        where healed_on > business_date
            and not exists (
                select 1 from own_keys
                where {_same(key, "own_keys", "candidates")}
                    and row(own_keys.owned_on, own_keys.source_file, own_keys.source_line) > {candidate}
                    and own_keys.owned_on <= candidates.healed_on
            )
            and not exists (
                select 1 from candidates as others
                where {_same(key, "others", "candidates")}
                    and row(others.business_date, others.source_file, others.source_line) > {candidate}
                    and others.healed_on <= candidates.healed_on
            )
    """


def _same(key: str, left: str, right: str) -> str:
    return " and ".join(f"{left}.{column} = {right}.{column}" for column in key.split(", "))
