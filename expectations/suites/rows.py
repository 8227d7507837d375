"""Gate 1, the rows: do they meet their contract?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import duckdb

from clientele.contracts import Column, Contract
from clientele.contracts.rules import Rule
from clientele.contracts.rules import rules as column_rules
from clientele.sql import identifier, identifiers
from expectations.checks import Check, no_rows
from expectations.gate_1_database import PLACE, ROWS, known_values


def row_checks(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Check]:
    """The checks of a contract on the rows of the window.

    Args:
        connection: The entity's temporary database.
        contract: The entity.

    Returns:
        The checks; those without anything to judge say so.
    """
    rows, filled = _filled(connection, contract)
    checks = [_schema(connection, contract), _key(contract, rows)]
    for column in contract.columns:
        checks += _column_checks(connection, column, rows, filled[column.name])
    return checks


def _filled(connection: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[int, Mapping[str, int]]:
    """Rows of the window, and how many of them have a value in each column; one scan."""
    counts = connection.execute(
        f"select count(*), {', '.join(f'count({identifier(name)})' for name in contract.names)} from {ROWS}"
    ).fetchone()
    assert counts is not None
    return counts[0], dict(zip(contract.names, counts[1:], strict=True))


def _schema(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Check:
    """Every file of the window has every contracted column in its type, and no other."""
    files = connection.execute("select count(distinct file) - 1 from file_columns").fetchone()
    assert files is not None
    contracted = {column.name: column.type for column in contract.columns}
    contracted |= {"source_file": "varchar", "source_line": "bigint"}
    values = ", ".join(f"('{name}', '{kind.upper()}')" for name, kind in contracted.items())
    return no_rows(
        "schema",
        ROWS,
        f"""
        with contracted(column_name, type) as (values {values}),
        wanted as (select * from contracted cross join (select distinct file from file_columns))
        select parse_filename(parse_dirpath(file)) as delivery, column_name,
            coalesce(file_columns.type, 'nothing') as found, coalesce(wanted.type, 'nothing') as contracted
        from wanted full join file_columns using (file, column_name)
        where wanted.type is distinct from file_columns.type
        order by all
        """,
        "the contracted columns in the contracted types, in every file",
        f"{files[0]:,} files as contracted",
    )


def _key(contract: Contract, rows: int) -> Check:
    key, shown = identifiers(contract.key), ", ".join(contract.key)
    return no_rows(
        "key_unique",
        ROWS,
        f"""
        select business_date, {key}, count(*) as times from {ROWS}
        group by all having count(*) > 1 order by all
        """,
        f"{shown} once in a delivery",
        f"{rows:,} rows, each key once",
        not_applicable=_nothing(rows),
    )


def _column_checks(
    connection: duckdb.DuckDBPyConnection, column: Column, rows: int, filled: int
) -> Iterator[Check]:
    missing = _nothing(rows) or ("" if filled else "no row has a value")
    for rule in column_rules(column):
        yield _rule(rule, rows, filled, missing)
    if column.references:
        yield _reference(connection, column, f"0 of {filled:,} values break it", missing)


def _rule(rule: Rule, rows: int, filled: int, missing: str) -> Check:
    """A rule of the contract as the expectation that fits it, or else as its own SQL."""
    column = rule.column
    # What a customer typed or is called stays out of results; file and line are enough to find it.
    is_shown = column.classification == "C1" and rule.kind != "required"
    shown = f"{PLACE}, {identifier(column.name)}" if is_shown else PLACE
    check = no_rows(
        rule.name,
        ROWS,
        f"select {shown} from {ROWS} where {rule.broken}",
        rule.expected,
        f"0 of {filled:,} values break it",
        not_applicable=missing,
    )
    named: dict[str, object] = {"column": column.name}
    if rule.kind == "required":
        return replace(
            check.as_expectation("ExpectColumnValuesToNotBeNull", named),
            observed=f"{filled:,} of {rows:,} rows have a value",
            not_applicable=_nothing(rows),
        )
    if rule.kind == "allowed":
        return check.as_expectation(
            "ExpectColumnValuesToBeInSet", named | {"value_set": list(column.allowed)}
        )
    if rule.kind == "minimum" and isinstance(column.minimum, int | float):
        return check.as_expectation("ExpectColumnValuesToBeBetween", named | {"min_value": column.minimum})
    return check


def _reference(connection: duckdb.DuckDBPyConnection, column: Column, held: str, missing: str) -> Check:
    assert column.references
    entity, target = column.references
    known, name = known_values(entity, target), identifier(column.name)
    first = connection.execute(f"select min(known_from) from {known}").fetchone()
    first_known = first[0] if first else None
    return no_rows(
        f"reference__{column.name}",
        ROWS,
        f"""
        select {PLACE}, {name} from {ROWS} left join {known} on {name} = value
        where {name} is not null and business_date >= date '{first_known}'
            and (value is null or known_from > business_date)
        """,
        f"a known {entity}.{target}, from the first delivery of {entity} on",
        held,
        not_applicable=missing or ("" if first_known else f"{entity} was never delivered"),
    )


def _nothing(rows: int) -> str:
    return "" if rows else "no row was delivered"
