"""Gate 1, the rows: do they keep their contract?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from clientele.contracts import Column, Contract
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
    names = [column.name for column in contract.columns]
    counts = connection.execute(
        f"select count(*), {', '.join(f'count({name})' for name in names)} from {ROWS}"
    ).fetchone()
    assert counts is not None
    return counts[0], dict(zip(names, counts[1:], strict=True))


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
    key = ", ".join(contract.key)
    return no_rows(
        "key_unique",
        ROWS,
        f"""
        select business_date, {key}, count(*) as times from {ROWS}
        group by all having count(*) > 1 order by all
        """,
        f"{key} once in a delivery",
        f"{rows:,} rows, each key once",
        not_applicable=_nothing(rows),
    )


def _column_checks(
    connection: duckdb.DuckDBPyConnection, column: Column, rows: int, filled: int
) -> Iterator[Check]:
    # What a customer typed or is called stays out of results; file and line are enough to find it.
    shown = PLACE if column.classification != "C1" else f"{PLACE}, {column.name}"
    held = f"0 of {filled:,} values break it"
    missing = _nothing(rows) or ("" if filled else "no row has a value")

    def broken(condition: str) -> str:
        return f"select {shown} from {ROWS} where {condition}"

    if column.required:
        yield Check(
            name=f"required__{column.name}",
            table=ROWS,
            expectation="ExpectColumnValuesToNotBeNull",
            arguments={"column": column.name},
            offenders=broken(f"{column.name} is null"),
            expected="a value in every row",
            observed=f"{filled:,} of {rows:,} rows have a value",
            not_applicable=_nothing(rows),
        )
    if column.allowed:
        listed = ", ".join(f"'{value}'" for value in column.allowed)
        yield Check(
            name=f"allowed__{column.name}",
            table=ROWS,
            expectation="ExpectColumnValuesToBeInSet",
            arguments={"column": column.name, "value_set": list(column.allowed)},
            offenders=broken(f"{column.name} not in ({listed})"),
            expected=f"one of {', '.join(column.allowed)}",
            observed=held,
            not_applicable=missing,
        )
    if column.minimum is not None:
        yield Check(
            name=f"minimum__{column.name}",
            table=ROWS,
            expectation="ExpectColumnValuesToBeBetween",
            arguments={"column": column.name, "min_value": column.minimum},
            offenders=broken(f"{column.name} < {column.minimum}"),
            expected=f"at least {column.minimum}",
            observed=held,
            not_applicable=missing,
        )
    if column.pattern:
        pattern = column.pattern.replace("'", "''")
        yield no_rows(
            f"pattern__{column.name}",
            ROWS,
            broken(f"not regexp_matches({column.name}, '{pattern}')"),
            f"text like {column.pattern}",
            held,
            not_applicable=missing,
        )
    if column.not_after_delivery:
        yield no_rows(
            f"not_after_delivery__{column.name}",
            ROWS,
            broken(f"cast({column.name} as date) > business_date"),
            "on or before the business date of the delivery",
            held,
            not_applicable=missing,
        )
    if column.row_rule:
        yield no_rows(
            f"row_rule__{column.name}",
            ROWS,
            broken(f"not ({column.row_rule.sql})"),
            column.row_rule.description,
            held,
            not_applicable=missing,
        )
    if column.references:
        yield _reference(connection, column, held, missing)


def _reference(connection: duckdb.DuckDBPyConnection, column: Column, held: str, missing: str) -> Check:
    assert column.references
    entity, target = column.references
    known = known_values(entity, target)
    first = connection.execute(f"select min(known_from) from {known}").fetchone()
    first_known = first[0] if first else None
    return no_rows(
        f"reference__{column.name}",
        ROWS,
        f"""
        select {PLACE}, {column.name} from {ROWS} left join {known} on {column.name} = value
        where {column.name} is not null and business_date >= date '{first_known}'
            and (value is null or known_from > business_date)
        """,
        f"a known {entity}.{target}, from the first delivery of {entity} on",
        held,
        not_applicable=missing or ("" if first_known else f"{entity} was never delivered"),
    )


def _nothing(rows: int) -> str:
    return "" if rows else "no row was delivered"
