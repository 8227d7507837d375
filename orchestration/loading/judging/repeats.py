"""Repeated keys: within a delivery and, for events, across deliveries."""

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
    differing = ", ".join(
        f"case when earlier.{identifier(column.name)} is distinct from staged.{identifier(column.name)} "
        f"then {literal(column.name)} end"
        for column in contract.columns
        if column.name not in contract.key
    )
    columns = ", ".join(f"staged.{identifier(column.name)}" for column in contract.columns)
    return f"""
        update staged set waits_for = 'key', reason = {literal(", ".join(contract.key) + ": ")} || case
            when differs = '' then 'delivered before, ' || place
            else 'conflicts with ' || place || ', which has another ' || differs
        end
        from (
            select staged.rowid as repeated, earlier.place, concat_ws(', ', {differing}) as differs
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


def mark_duplicates(contract: Contract) -> str:
    """A statement that rejects all but the first row of a key in a delivery."""
    key = identifiers(contract.key)
    same_day = "repeats.business_date = staged.business_date and " if contract.row_kind == "version" else ""
    return f"""
        update staged set waits_for = 'key', reason = {literal(", ".join(contract.key) + ": duplicate of ")}
            || file || ' line ' || first_line
        from (
            select
                staged.rowid as repeated,
                row_number() over same_key as place,
                first_value(file_id) over same_key as first_file,
                first_value(line) over same_key as first_line
            from staged
            semi join repeats on {same_day}repeats.key_hash = {_key_hash(contract)}
            where reason is null
            window same_key as (partition by staged.business_date, {key} order by file_id, line)
        )
        join files on files.file_id = first_file
        where staged.rowid = repeated and place > 1
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
