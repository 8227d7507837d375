"""Gate 2, the tables: is the candidate exactly what analysts were promised, and free of personal data?"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from clientele.sql import identifier, identifiers, literal, literals
from expectations.checks import Check, no_rows
from expectations.gate_2_database import CANDIDATE, COLUMNS, ReleaseCandidate, columns_of
from expectations.limits import PersonalDataPattern

_HARMLESS_TYPES = (
    "bool|tinyint|smallint|integer|bigint|hugeint|utinyint|usmallint|uinteger|ubigint|uhugeint|"
    "float|double|decimal.*|date|time|timestamp.*|interval"
)
"""Types that cannot hold a text; everything else is searched."""


def table_checks(
    connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate, patterns: list[PersonalDataPattern]
) -> list[Check]:
    """Tables, columns, keys and personal data of the candidate.

    Args:
        connection: The gate's database.
        release: What the candidate should be.
        patterns: What personal data looks like.

    Returns:
        The checks; those on a table that the candidate lacks are not applicable.
    """
    found = columns_of(connection, CANDIDATE)
    checks = [_only_public_tables(release), _no_personal_columns(release)]
    for table in sorted(release.public_tables):
        missing = "" if table in found else "the candidate has no such table"
        checks.append(_columns(table, missing))
        checks += _key(table, release.keys.get(table, []), missing)
        checks.append(_no_personal_data(connection, table, patterns, missing))
    return checks


def _only_public_tables(release: ReleaseCandidate) -> Check:
    promised = ", ".join(f"({literal(table)})" for table in sorted(release.public_tables))
    return no_rows(
        "only_public_tables",
        COLUMNS,
        f"""
        with promised(table_name) as (values {promised}),
        found as (
            select distinct schema_name, table_name from {COLUMNS} where database_name = '{CANDIDATE}'
        )
        select coalesce(schema_name, 'main') as in_schema, table_name,
            case when found.schema_name is null then 'missing' else 'not public' end as problem
        from promised full join found using (table_name)
        where promised.table_name is null or schema_name is distinct from 'main'
        order by all
        """,
        "the public tables, all in schema main, and nothing else",
        f"{len(release.public_tables)} tables",
        entity=CANDIDATE,
    )


def _no_personal_columns(release: ReleaseCandidate) -> Check:
    personal = literals(sorted(release.personal_columns)) or "null"
    return no_rows(
        "no_personal_columns",
        COLUMNS,
        f"""
        select table_name, column_name from {COLUMNS}
        where database_name = '{CANDIDATE}' and lower(column_name) in ({personal}) order by all
        """,
        "no column named like a delivered column with personal data",
        "none found",
        entity=CANDIDATE,
    )


def _columns(table: str, missing: str) -> Check:
    return no_rows(
        "columns",
        COLUMNS,
        f"""
        with promised as (
            select column_name, data_type from duckdb_columns()
            where schema_name = 'contracted' and table_name = {literal(table)}
        ),
        found as (
            select column_name, data_type from {COLUMNS}
            where database_name = '{CANDIDATE}' and schema_name = 'main' and table_name = {literal(table)}
        )
        select column_name, coalesce(found.data_type, 'nothing') as found,
            coalesce(promised.data_type, 'nothing') as promised
        from promised full join found using (column_name)
        where promised.data_type is distinct from found.data_type order by all
        """,
        "the contracted columns in the contracted types",
        "as contracted",
        not_applicable=missing,
        entity=table,
    )


def _key(table: str, key: list[str], missing: str) -> Iterator[Check]:
    listed = identifiers(key)
    yield no_rows(
        "key_unique",
        COLUMNS,
        f"select {listed}, count(*) as times from {identifier(table)} "
        f"group by {listed} having count(*) > 1 order by all",
        f"{', '.join(key) or 'a key'} once",
        observed_query=f"select format('{{:,}} rows', count(*)) from {identifier(table)}",
        not_applicable=missing or ("" if key else "no key is declared"),
        entity=table,
    )
    empty = " or ".join(f"{identifier(column)} is null" for column in key)
    yield no_rows(
        "key_not_null",
        COLUMNS,
        f"select {listed} from {identifier(table)} where {empty}",
        f"a value of {', '.join(key) or 'a key'} in every row",
        "no row without a value",
        not_applicable=missing or ("" if key else "no key is declared"),
        entity=table,
    )


def _no_personal_data(
    connection: duckdb.DuckDBPyConnection, table: str, patterns: list[PersonalDataPattern], missing: str
) -> Check:
    """Counts hits per column and pattern in one scan; never shows a value."""
    texts = connection.execute(
        f"select column_name from {COLUMNS} where database_name = '{CANDIDATE}' and schema_name = 'main' "
        f"and table_name = ? and not regexp_full_match(lower(data_type), '{_HARMLESS_TYPES}') "
        "order by column_name",
        [table],
    ).fetchall()
    searched = [
        (column, pattern)
        for (column,) in texts
        for pattern in patterns
        if column not in pattern.exempt_columns
    ]
    counts = ", ".join(
        # The case spares short values, which are nearly all, the regular expression.
        f"{{'column_name': {literal(column)}, 'looks_like': {literal(pattern.name)}, 'values': "
        f"count(*) filter (where case when length({identifier(column)}::varchar) >= {pattern.minimum_length} "
        f"then regexp_matches({identifier(column)}::varchar, {literal(pattern.pattern)}) end)}}"
        for column, pattern in searched
    )
    return no_rows(
        "no_personal_data",
        COLUMNS,
        f"""
        select hit.column_name, hit.looks_like, hit.values
        from (select unnest([{counts}]) as hit from {identifier(table)}) where hit.values > 0
        """,
        f"no text that looks like {', '.join(pattern.name for pattern in patterns)}",
        f"none in {len(texts)} text columns",
        not_applicable=missing or ("" if searched else "no text column"),
        entity=table,
    )
