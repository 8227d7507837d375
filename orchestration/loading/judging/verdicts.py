"""Which rows the lake accepts, where that depends on other deliveries (D-34).

A row whose reference is unknown on its business date is rejected and waits. It is accepted on the date on
which the last of its parents became known, as a row of that date: what was known before stays as it was, and
the order in which deliveries arrive changes nothing. The key of an event counts once, where it came first.
So what a date holds follows from the deliveries up to that date, whenever they were loaded; this module finds
where the lake does not hold that yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from clientele import state_files
from clientele.contracts import Contract
from clientele.settings import Settings
from clientele.sql import identifier, identifiers, literal
from orchestration import lake
from orchestration.loading.judging import known_keys
from orchestration.loading.judging.healable import OWN
from orchestration.loading.judging.references import is_judged, with_parents
from orchestration.loading.judging.repeats import place

Versions = Mapping[str, str]
"""Version of a partition by business date, as text."""


@dataclass(frozen=True)
class Judged:
    """The partitions among which all verdicts were right: those of the entity and of its parents."""

    own: Versions
    parents: Mapping[str, Versions]

    def lost_parents(self, before: Judged) -> bool:
        """Whether a reference known before may be unknown now, or is judged for the first time."""
        for entity, now in self.parents.items():
            old = before.parents.get(entity, {})
            if not old.items() <= now.items() or min(now, default="") < min(old, default=""):
                return True
            if now and not old:
                return True
        return False

    def replaced(self, before: Judged) -> bool:
        """Whether a partition of the entity is not there any more as it was."""
        return not before.own.items() <= self.own.items()

    def changed(self, before: Judged | None) -> set[str]:
        """Dates on which the entity holds something new."""
        return {day for day, version in self.own.items() if before is None or before.own.get(day) != version}


def current(settings: Settings, contract: Contract) -> Judged:
    """The partitions as they are now."""
    parents = sorted({entity for _, entity, _ in contract.references})
    return Judged(_versions(settings, contract.name), {name: _versions(settings, name) for name in parents})


def last(settings: Settings, contract: Contract) -> Judged | None:
    """The partitions of the last load that ended with all verdicts right; None if that is not known."""
    content = state_files.read_json(_file(settings, contract))
    return Judged(content["own"], content["parents"]) if content else None


def remember(settings: Settings, contract: Contract, judged: Judged) -> None:
    """Note that all verdicts are right among these partitions."""
    content = {
        "own": dict(judged.own),
        "parents": {name: dict(found) for name, found in judged.parents.items()},
    }
    state_files.write_json(_file(settings, contract), content)


def misjudged(
    engine: duckdb.DuckDBPyConnection,
    settings: Settings,
    contract: Contract,
    known: Mapping[str, str],
    before: Judged | None,
    now: Judged,
) -> set[date]:
    """The dates whose own delivery would be judged differently today.

    Args:
        engine: Holds the tables of ``know``.
        settings: Where the lake is.
        contract: The entity.
        known: Table of known keys by column.
        before: The partitions among which all verdicts were right; None if that is not known.
        now: The partitions as they are.

    Returns:
        Business dates to load again.
    """
    queries = []
    if before is None or now.lost_parents(before):
        queries += [_orphans(settings, contract, column.name, known) for column, _, _ in contract.references]
    has_waiting = bool(lake.partitions(settings, "waiting", contract.name))
    if has_waiting and contract.references:
        queries.append(_waits_for_another(settings, contract, known))
    if contract.row_kind == "event":
        changed = now.changed(before)
        later = {day for day in now.own if changed and day > min(changed)} - changed
        held = lake.committed(settings, contract.name)
        with_healed = {day for day in changed if held[date.fromisoformat(day)].healed}
        # Dates are loaded in their order and judged against all that is there: only rows that came into a
        # date while a later one was there already, or that were healed, can make a difference to others.
        if later or with_healed:
            queries.append(_repeated_later(settings, contract, changed if later else with_healed))
        if has_waiting and (before is None or later or with_healed or now.replaced(before)):
            queries.append(_repeats_another(settings, contract, changed))
    return {day for query in queries for (day,) in engine.execute(query).fetchall()}


def _versions(settings: Settings, entity: str) -> dict[str, str]:
    return {str(day): held.version for day, held in lake.committed(settings, entity).items()}


def _file(settings: Settings, contract: Contract) -> Path:
    return settings.lake / "_judged" / f"{contract.name}.json"


def _orphans(settings: Settings, contract: Contract, column: str, known: Mapping[str, str]) -> str:
    """Dates with accepted rows whose reference is not known, or not yet."""
    later = " or known.since > accepted.business_date" if contract.mode == "delta" else ""
    return f"""
        select distinct accepted.business_date
        from {known_keys.rows(settings, "raw", contract.name)} as accepted
        left join {known[column]} as known on known.key = accepted.{identifier(column)}
        where accepted.{identifier(column)} is not null and {OWN}
            and accepted.{is_judged(known[column])} and (known.since is null{later})
    """


def _waits_for_another(settings: Settings, contract: Contract, known: Mapping[str, str]) -> str:
    """Dates with waiting rows that would be accepted today, or rejected for another reason."""
    source, parents = with_parents(settings, contract, known)
    whens = []
    for (column, _, _), (unjudged, since) in zip(contract.references, parents, strict=True):
        later = f" or {since} > waiting.business_date" if contract.mode == "delta" else ""
        whens.append(f"when not {unjudged} and ({since} is null{later}) then {literal(column.name)}")
    return f"""
        select distinct waiting.business_date
        from {source}
        where case when waits_for = 'reference' then split_part(waiting.reason, ': ', 1) end
            is distinct from case {" ".join(whens)} end
    """


def _repeats_another(settings: Settings, contract: Contract, changed: Collection[str]) -> str:
    """Dates with rows rejected as repeating a row that is gone or was changed."""
    key = identifiers(contract.key)
    same = " and ".join(
        f"accepted.{identifier(column)} = waiting.{identifier(column)}" for column in contract.key
    )
    columns = f"{key}, business_date, source_file, source_line"
    days = ", ".join(f"date '{day}'" for day in sorted(changed))
    return f"""
        select distinct waiting.business_date
        from {known_keys.rows(settings, "waiting", contract.name)} as waiting
        left join (
            select {key}, business_date as first_date, {place("business_date")} as place
            from (select {columns} from {known_keys.rows(settings, "raw", contract.name)})
            qualify row_number() over (
                partition by {key} order by business_date, source_file, source_line
            ) = 1
        ) as accepted on {same} and accepted.first_date < waiting.business_date
        where waits_for = 'key' and (
            accepted.place is null
            or not contains(waiting.reason, accepted.place)
            or list_contains([{days}]::date[], accepted.first_date)
        )
    """


def _repeated_later(settings: Settings, contract: Contract, changed: Collection[str]) -> str:
    """Dates with accepted rows that repeat a row of an earlier date that was accepted later."""
    key = identifiers(contract.key)
    listed = ", ".join(f"date '{day}'" for day in sorted(changed))
    return f"""
        select distinct accepted.business_date
        from {known_keys.rows(settings, "raw", contract.name)} as accepted
        inner join (
            select {key}, min(business_date) as first_date
            from {known_keys.rows(settings, "raw", contract.name, changed)}
            where business_date in ({listed})
            group by all
        ) using ({key})
        where accepted.business_date > first_date and {OWN}
    """
