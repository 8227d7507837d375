"""Repeated keys: within a delivery and, for events, across deliveries.

Lines that say the same are duplicates, of which one is loaded. Of lines that say something else about one
key, the last holds where a delivery tells of changes (versions in deltas); everywhere else they contradict
each other: the first stays, and the others are conflicts, named with the columns that differ.
"""

from __future__ import annotations

from clientele.contracts import Contract
from clientele.sql import identifier, identifiers, literal


def find_repeats(contract: Contract) -> str:
    """A statement that creates ``repeats``: hashes of keys that were delivered twice, or seem to be.

    Grouping hashes is several times cheaper than grouping keys; the few that collide are told apart by
    ``mark_duplicates`` and ``mark_delivered``. The key of a version repeats within a delivery only, that of
    an event also from one delivery to another.
    """
    date = "business_date, " if contract.row_kind == "version" else ""
    return f"""
        create or replace table repeats as
        select {date}{_key_hash(contract)} as key_hash
        from staged
        where reason is null
        group by all
        having count(*) > 1
    """


def find_delivered(contract: Contract, lake: str) -> str:
    """A statement that creates ``delivered_keys``: keys of staged events that the lake holds already.

    What a staged date holds of its own delivery is about to be replaced; its healed rows stay.

    Args:
        contract: A contract of events.
        lake: Relation of the rows in the lake.
    """
    key = identifiers(contract.key)
    return f"""
        create or replace table delivered_keys as
        select {key}, business_date
        from {lake} as lake
        semi join (select {key} from staged where reason is null) as wanted using ({key})
        where business_date not in (select distinct business_date from staged) or contains(source_file, '/')
    """


def fetch_delivered(contract: Contract, lake: str) -> str:
    """A statement that creates ``delivered_before``: the whole rows of ``delivered_keys``, which are few."""
    key = identifiers(contract.key)
    return f"""
        create or replace table delivered_before as
        select {identifiers(contract.names)}, business_date, source_file, source_line
        from {lake} as lake
        semi join delivered_keys using ({key}, business_date)
        where business_date not in (select distinct business_date from staged) or contains(source_file, '/')
    """


def repeat_delivered(contract: Contract) -> str:
    """A statement that adds the keys of ``delivered_before`` to ``repeats``."""
    return f"insert into repeats select distinct {_key_hash(contract)} from delivered_before"


def mark_delivered(contract: Contract) -> str:
    """A statement that rejects events that an earlier delivery already contained.

    The earlier row is one of ``delivered_before``, or staged beside them. One that says something else is
    named a conflict, with the columns that differ.
    """
    same_key = " and ".join(
        f"earlier.{identifier(column)} = staged.{identifier(column)}" for column in contract.key
    )
    columns = ", ".join(f"staged.{identifier(column.name)}" for column in contract.columns)
    return f"""
        update staged set waits_for = 'key', reason = {_named(contract)} || case
            when differs = '' then 'delivered before, ' || place
            else 'conflicts with ' || place || ', which has another ' || differs
        end
        from (
            select staged.rowid as repeated, earlier.place,
                {_differing(contract, "earlier", "staged")} as differs
            from staged
            semi join repeats on repeats.key_hash = {_key_hash(contract, "staged")}
            inner join (
                select {identifiers(contract.names)}, business_date, {place("business_date")} as place
                from delivered_before
                union all
                select {columns}, staged.business_date,
                    staged.business_date || '/' || files.file || ' line ' || line
                from staged
                semi join repeats on repeats.key_hash = {_key_hash(contract, "staged")}
                inner join files using (file_id)
                where reason is null
            ) as earlier on {same_key} and earlier.business_date < staged.business_date
            where staged.reason is null
            qualify row_number() over (
                partition by staged.rowid order by earlier.business_date, earlier.place
            ) = 1
        )
        where staged.rowid = repeated
    """


def mark_repeated(contract: Contract) -> str:
    """A statement that rejects all but one row of a key in a delivery: its other lines decide (D-54)."""
    last_holds = contract.row_kind == "version" and contract.mode == "delta"
    return _mark_superseded(contract) if last_holds else _mark_contradicting(contract)


def _mark_contradicting(contract: Contract) -> str:
    """The first row of a key stays."""
    same_key = " and ".join(f"first.{column} = told.{column}" for column in _delivered_key(contract))
    return f"""
        update staged set waits_for = 'line', reason = {_named(contract)} || case
            when differs = '' then 'duplicate of ' || place
            else 'conflicts with ' || place || ', which has another ' || differs
        end
        from (
            with told as (
                select staged.rowid as told_row, file_id, line, business_date, {identifiers(contract.names)},
                    row_number() over (
                        partition by {", ".join(_delivered_key(contract))} order by file_id, line
                    ) as number
                from {_told(contract)}
                where reason is null
            )
            select told.told_row as repeated, file || ' line ' || first.line as place,
                {_differing(contract, "first", "told")} as differs
            from told
            inner join told as first on {same_key} and first.number = 1
            inner join files on files.file_id = first.file_id
            where told.number > 1
        )
        where staged.rowid = repeated
    """


def _mark_superseded(contract: Contract) -> str:
    """The last row of a key holds; where the lines before it say the same, the first of these is loaded.

    A line that waits for its parent is a state of its own: it may be accepted later, if none comes after it.
    """
    same_key = f"partition by {', '.join(_delivered_key(contract))}"
    return f"""
        update staged set waits_for = 'line', reason = {_named(contract)} || said || file || ' line ' || kept_line
        from (
            with told as (
                select staged.rowid as told_row, file_id, line, business_date, {identifiers(contract.key)},
                    reason is null as is_valid, row({identifiers(contract.names)}) as state,
                    row_number() over ({same_key} order by file_id, line) as number
                from {_told(contract)}
                where reason is null or waits_for = 'reference'
            ),
            compared as (
                select *, max(number) filter (is_valid) over ({same_key}) as last_number,
                    state is distinct from arg_max(state, number) filter (is_valid) over ({same_key}) as differs
                from told
            ),
            judged as (
                select *, max(number) filter (number < last_number and (differs or not is_valid))
                    over ({same_key}) as last_other
                from compared
            ),
            decided as (
                select *, min(number) filter (is_valid and number > coalesce(last_other, 0))
                    over ({same_key}) as kept_number
                from judged
            )
            select told_row as repeated, number <> kept_number and is_valid as is_repeated,
                case when differs then 'superseded by ' else 'duplicate of ' end as said,
                arg_max(file_id, number) filter (number = kept_number) over ({same_key}) as kept_file,
                arg_max(line, number) filter (number = kept_number) over ({same_key}) as kept_line
            from decided
        )
        inner join files on files.file_id = kept_file
        where staged.rowid = repeated and is_repeated
    """


def place(day: str) -> str:
    """SQL of where a row of the lake was delivered: date, file and line.

    Args:
        day: SQL of the business date of the row's partition; a healed row names its own in ``source_file``.
    """
    file = f"case when contains(source_file, '/') then '' else {day} || '/' end || source_file"
    return f"{file} || ' line ' || source_line"


def _key_hash(contract: Contract, table: str = "") -> str:
    prefix = f"{table}." if table else ""
    return f"hash({', '.join(prefix + identifier(column) for column in contract.key)})"


def _told(contract: Contract) -> str:
    """SQL relation of the staged rows whose key is, or seems to be, told of more than once."""
    same_day = "repeats.business_date = staged.business_date and " if contract.row_kind == "version" else ""
    return f"staged semi join repeats on {same_day}repeats.key_hash = {_key_hash(contract)}"


def _delivered_key(contract: Contract) -> list[str]:
    """The columns that are the same for all rows of a key in a delivery."""
    return ["business_date", *map(identifier, contract.key)]


def _named(contract: Contract) -> str:
    return literal(", ".join(contract.key) + ": ")


def _differing(contract: Contract, left: str, right: str) -> str:
    """SQL of the columns in which two rows of a key differ; empty without any."""
    found = ", ".join(
        f"case when {left}.{identifier(name)} is distinct from {right}.{identifier(name)} then {literal(name)} end"
        for name in contract.names
        if name not in contract.key
    )
    return f"concat_ws(', ', {found})"
