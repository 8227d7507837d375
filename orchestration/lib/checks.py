"""The contract as SQL: text to types, and for each row the first reason not to accept it.

A reason reads ``<column>: <what is wrong>``, or has no column where the line as a whole is malformed.
Values of personal columns (C2) are not repeated in reasons: the raw text next to them has them.
"""

from __future__ import annotations

import re
from pathlib import Path

from orchestration.lib.contracts import Column, Contract

_SHOWN = 60
"""Characters of a value that a reason repeats."""
_TIMESTAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
_INTEGER = "[+-]?[0-9]+"
_NO_VALUE = ("NULL", "(NULL)", "\\N", "N/A", "#N/A", "NA", "NAN", "NONE", "-", "--")
"""What exports write where there is no value; a number of somebody or something is none of these."""


def staged(contract: Contract, source: str) -> str:
    """A query that types and judges records.

    Args:
        contract: The contract of the entity.
        source: Relation of ``sources.stream_schema``.

    Returns:
        SQL with ``file_id, business_date, line, raw, reason, waits_for`` and the typed contract columns;
        ``reason`` is null for an acceptable row, ``waits_for`` (reference or key) is set where the row itself
        is in order and other deliveries decide.
    """
    texts = [f"text_{number}" for number in range(len(contract.columns))]
    typed = [
        f"{_typed(column, text)} as {name(column.name)}"
        for column, text in zip(contract.columns, texts, strict=True)
    ]
    reasons = [_reason(column, text) for column, text in zip(contract.columns, texts, strict=True)]
    return f"""
        with typed as (
            select file_id, business_date, line, raw, malformed, {", ".join(texts)}, {", ".join(typed)}
            from {source}
        )
        select file_id, business_date, line, raw, {_names(contract)},
            coalesce(malformed, {", ".join(reason for reason in reasons if reason)}) as reason,
            null::varchar as waits_for
        from typed
    """


def mark_unknown(column: Column, known: str, by_delivery: bool) -> str:
    """A statement that gives rows a reason whose reference is not known.

    Args:
        column: The referencing column.
        known: Table of ``key`` and ``since``, the first business date on which the key was delivered.
        by_delivery: Whether the key must be known on the business date of the row; else any date will do.

    Returns:
        SQL; rows of dates before anything was known are not judged.
    """
    entity, target = column.references or ("", "")
    shown = _shown(column, name(column.name))
    said = literal(f" is not a known {entity}.{target}")
    later = " or known.since > staged.business_date" if by_delivery else ""
    return f"""
        update staged set reason = {literal(column.name + ": ")} || {shown} || {said}, waits_for = 'reference'
        from (
            select staged.rowid as unknown
            from staged
            left join {known} as known on known.key = staged.{name(column.name)}
            where staged.reason is null
                and staged.{name(column.name)} is not null
                and staged.business_date >= (select min(since) from {known})
                and (known.since is null{later})
        )
        where staged.rowid = unknown
    """


def find_repeats(contract: Contract) -> str:
    """A statement that creates ``repeats``: hashes of keys that were delivered twice, or seem so.

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
    key = ", ".join(name(column) for column in contract.key)
    return f"""
        create or replace table delivered_keys as
        select {key}, business_date
        from {lake} as lake
        semi join (select {key} from staged where reason is null) as wanted using ({key})
        where business_date not in (select distinct business_date from staged) or contains(source_file, '/')
    """


def fetch_delivered(contract: Contract, lake: str) -> str:
    """A statement that creates ``delivered_before``: the whole rows of ``delivered_keys``, which are few."""
    key = ", ".join(name(column) for column in contract.key)
    return f"""
        create or replace table delivered_before as
        select {_names(contract)}, business_date, source_file, source_line
        from {lake} as lake
        semi join delivered_keys using ({key}, business_date)
        where business_date not in (select distinct business_date from staged) or contains(source_file, '/')
    """


def repeat_delivered(contract: Contract) -> str:
    """A statement that adds the keys of ``delivered_before`` to ``repeats``."""
    return f"insert into repeats select distinct {_key_hash(contract)} from delivered_before"


def mark_delivered(contract: Contract) -> str:
    """A statement that gives events a reason that an earlier delivery told of already.

    The earlier row is one of ``delivered_before``, or staged beside them. One that says something else is
    named a conflict, with the columns that differ.
    """
    same_key = " and ".join(f"earlier.{name(column)} = staged.{name(column)}" for column in contract.key)
    differing = ", ".join(
        f"case when earlier.{name(column.name)} is distinct from staged.{name(column.name)} "
        f"then {literal(column.name)} end"
        for column in contract.columns
        if column.name not in contract.key
    )
    columns = ", ".join(f"staged.{name(column.name)}" for column in contract.columns)
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
                select {_names(contract)}, business_date, {place("business_date")} as place
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


def place(day: str) -> str:
    """SQL of where a row of the lake was delivered: date, file and line.

    Args:
        day: SQL of the business date of the row's partition; a healed row names its own in ``source_file``.
    """
    file = f"case when contains(source_file, '/') then '' else {day} || '/' end || source_file"
    return f"{file} || ' line ' || source_line"


def mark_duplicates(contract: Contract) -> str:
    """A statement that gives all but the first row of a key in a delivery a reason."""
    key = ", ".join(name(column) for column in contract.key)
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


def loaded_rows(contract: Contract) -> str:
    """A query of the accepted rows, as they lie in the lake, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {_names(contract)},
            files.file as source_file, line as source_line
        from staged join files using (file_id)
        where reason is null
    """


def rejected_rows(contract: Contract) -> str:
    """A query of the rejected rows, as they lie in the lake, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {literal(contract.name)} as entity, files.file, line,
            case when contains(reason, ': ') then split_part(reason, ': ', 1) end as column_name,
            reason, rtrim(raw, chr(10)) as raw_text
        from staged join files using (file_id)
        where reason is not null
    """


def waiting_rows(contract: Contract) -> str:
    """A query of the rejected rows that another delivery may heal, typed, with ``file_id`` to order them."""
    return f"""
        select file_id, staged.business_date, {_names(contract)},
            files.file as source_file, line as source_line, waits_for, reason
        from staged join files using (file_id)
        where waits_for is not null
    """


def literal(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"


def files_like(folder: Path, pattern: str) -> str:
    """A SQL string that names files to read: a folder, taken literally, and a pattern below it."""
    escaped = re.sub(r"[\[*?]", r"[\g<0>]", str(folder))
    return literal(f"{escaped}/{pattern}")


def name(identifier: str) -> str:
    """A SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def _names(contract: Contract) -> str:
    return ", ".join(name(column.name) for column in contract.columns)


def _key_hash(contract: Contract, table: str = "") -> str:
    prefix = f"{table}." if table else ""
    return f"hash({', '.join(prefix + name(column) for column in contract.key)})"


def _typed(column: Column, text: str) -> str:
    if column.type == "varchar":
        return text
    if column.type == "boolean":
        true, false = f"lower({text}) in ('true', '1', 'y')", f"lower({text}) in ('false', '0', 'n')"
        return f"case when {true} then true when {false} then false end"
    return f"try_cast({text} as {column.type})"


def _reason(column: Column, text: str) -> str:
    tests = [
        (condition, sentence)
        for condition, sentence in (
            _required(column, text),
            _wrong_type(column, text),
            _not_allowed(column, text),
            _wrong_pattern(column, text),
            _below_minimum(column, text),
            _after_delivery(column),
            _broken_rule(column, text),
        )
        if condition
    ]
    if not tests:
        return ""
    whens = (
        f"when {condition} then {literal(column.name + ': ')} || {sentence}" for condition, sentence in tests
    )
    return f"case {' '.join(whens)} end"


_Test = tuple[str, str]
"""A condition that is true where a row fails, and SQL of the sentence that says so; empty if not wanted."""
_NONE: _Test = ("", "")


def _required(column: Column, text: str) -> _Test:
    if not column.required:
        return _NONE
    if column.type != "varchar" or column.allowed or column.classification != "C1":
        return f"{text} is null", literal("required, but empty")
    words = ", ".join(literal(word) for word in _NO_VALUE)
    said = f"'required, but ' || coalesce({_shown(column, text)}, 'empty')"
    return f"{text} is null or upper({text}) in ({words})", said


def _wrong_type(column: Column, text: str) -> _Test:
    if column.type == "varchar":
        return _NONE
    value = name(column.name)
    sentence = f"{_shown(column, text)} || {literal(f' is not {_article(column.type)} {column.type}')}"
    if column.type == "boolean":
        return f"{text} is not null and {value} is null", sentence
    # The engine rounds decimals and accepts other formats, so a cast alone is not enough. Nearly all
    # text is canonical and spared the regular expression; the case keeps the engine from reordering.
    condition = (
        f"case when {text} is null then false when {value} is null then true "
        f"when {_is_canonical(column, text)} then false else not ({_is_equivalent(column, text)}) end"
    )
    return condition, sentence


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _is_canonical(column: Column, text: str) -> str:
    same = f"{name(column.name)}::varchar = {text}"
    # Infinity and years before 1 or after 9999 have a canonical form, too, but no place in a delivery.
    shape = {"date": f" and length({text}) = 10", "timestamp": f" and {text}[14] = ':'"}
    return same + shape.get(column.type, "")


def _is_equivalent(column: Column, text: str) -> str:
    if column.type == "date":
        return "false"
    if column.type == "timestamp":
        # Comparing the seconds refuses what the cast would carry over, such as 24:00:00.
        same = f"left({name(column.name)}::varchar, 19) = replace(left({text}, 19), 'T', ' ')"
        return f"regexp_full_match({text}, {literal(_TIMESTAMP)}) and {same}"
    if column.type in ("integer", "bigint"):
        return f"regexp_full_match({text}, {literal(_INTEGER)})"
    scale = column.type[:-1].partition(",")[2]
    exact = rf"{_INTEGER}(\.[0-9]{{1,{scale}}}0*)?"
    return f"regexp_full_match({text}, {literal(exact)})"


def _not_allowed(column: Column, text: str) -> _Test:
    if not column.allowed:
        return _NONE
    valid = ", ".join(column.allowed)
    values = ", ".join(literal(value) for value in column.allowed)
    return f"{text} not in ({values})", f"{_shown(column, text)} || {literal(' is not one of ' + valid)}"


def _wrong_pattern(column: Column, text: str) -> _Test:
    if column.pattern is None:
        return _NONE
    sentence = f"{_shown(column, text)} || {literal(' does not match ' + column.pattern)}"
    return f"not regexp_matches({text}, {literal(column.pattern)})", sentence


def _below_minimum(column: Column, text: str) -> _Test:
    if column.minimum is None:
        return _NONE
    sentence = f"{_shown(column, text)} || {literal(f' is below the minimum {column.minimum}')}"
    return f"{name(column.name)} < {column.minimum}", sentence


def _after_delivery(column: Column) -> _Test:
    if not column.not_after_delivery:
        return _NONE
    day = f"{name(column.name)}::date"
    shown = literal("the value") if column.classification == "C2" else f"{day}::varchar"
    return f"{day} > business_date", f"{shown} || ' is after the business date ' || business_date"


def _broken_rule(column: Column, text: str) -> _Test:
    if column.row_rule is None:
        return _NONE
    sentence = f"{_shown(column, text)} || {literal(' breaks the rule: ' + column.row_rule.description)}"
    return f"not ({column.row_rule.sql})", sentence


def _shown(column: Column, text: str) -> str:
    return (
        literal("the value") if column.classification == "C2" else f"'''' || left({text}, {_SHOWN}) || ''''"
    )
