"""Gate 1, the amounts: are the numbers of a delivery of the usual size, and in the usual currencies?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from clientele.contracts import Contract
from expectations.amount_history import (
    AMOUNTS,
    CURRENCY,
    GROUP_ROWS,
    MINIMUM_ROWS,
    describe_amounts,
    group_columns,
    number_columns,
)
from expectations.checks import Check, no_rows
from expectations.gate_1_database import ROWS, Window
from expectations.limits import Limits
from expectations.results import Severity
from expectations.suites.way_out import way_out

LEVEL, FAR, FAR_ALLOWED, MIX = (
    "amount_max_ratio",
    "amount_far_max_share",
    "amount_far_rows_allowed",
    "currency_max_share_change",
)
SETTINGS = ("amount_history_loads", "amount_min_rows", "amount_far_ratio", FAR_ALLOWED)
MEASURES = (LEVEL, FAR, MIX)
_NAMED = 5
"""Groups without a past that a message names."""


def amount_checks(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    contracts: Mapping[str, Contract],
    contract: Contract,
    window: Window,
    limits: Limits,
) -> list[Check]:
    """The checks on the numbers of an entity in the window, each delivery against the ones before it.

    Args:
        connection: The entity's temporary database, as ``describe_entity`` filled it.
        lake: Folder of the lake.
        contracts: All contracts.
        contract: The entity.
        window: Business dates that are judged.
        limits: The policy; the rows in force on the date of each delivery are used.

    Returns:
        The checks; none for an entity that holds neither numbers nor amounts in a currency, and those
        without anything to compare with say so.

    Raises:
        PolicyError: A limit is missing.
    """
    numbers = number_columns(contract)
    has_mix = CURRENCY in group_columns(contract) and CURRENCY not in contract.key
    if not numbers and not has_mix:
        return []
    _list_limits(connection, contract.name, window, limits)
    loads_before = int(limits.number(window.last, "amount_history_loads", contract.name))
    describe_amounts(connection, lake, contracts, contract, window, loads_before)
    checks: list[Check] = []
    for column in numbers:
        checks += _level(connection, contract.name, column.name)
        checks += _far(connection, contract.name, column.name)
    if has_mix:
        checks += _mix(connection, contract.name, window, loads_before)
    return checks


def _list_limits(connection: duckdb.DuckDBPyConnection, entity: str, window: Window, limits: Limits) -> None:
    """The limits and settings in force on each date of the window that has a delivery, and on the last."""
    delivered = connection.execute(f"select distinct business_date from audit where {window.contains()}")
    days = sorted({day for (day,) in delivered.fetchall()} | {window.last})
    connection.execute(
        "create table amount_limits "
        "(business_date date, measure varchar, severity varchar, limit_value decimal(18,6))"
    )
    connection.executemany(
        "insert into amount_limits values (?, ?, ?, ?)",
        [
            (day, measure, limit.severity, limit.value)
            for day in days
            for measure in MEASURES
            for limit in limits.on(day, measure, entity)
        ],
    )
    connection.execute(
        "create table delivered_files as select business_date, string_agg(distinct file, ', ' order by file) "
        f"as files from audit where {window.contains()} group by all"
    )
    connection.execute(
        f"create table {MINIMUM_ROWS} "
        "(business_date date, minimum_rows bigint, far_ratio double, far_rows_allowed bigint)"
    )
    connection.executemany(
        f"insert into {MINIMUM_ROWS} values (?, ?, ?, ?)",
        [(day, *(limits.number(day, name, entity) for name in SETTINGS[1:])) for day in days],
    )


def _level(connection: duckdb.DuckDBPyConnection, entity: str, column: str) -> Iterator[Check]:
    ratios = f"select * from {AMOUNTS} where column_name = '{column}'"
    compared, farthest = _row(
        connection,
        f"select count(distinct business_date), max(case when ratio > 0 then greatest(ratio, 1 / ratio) "
        f"else 'inf'::double end) from ({ratios})",
    )
    for severity, limit in _latest(connection, LEVEL):
        yield no_rows(
            f"usual_level__{column}",
            ROWS,
            f"""
            select business_date, files, {_GROUP}, rows, round(before, 4) as usual, round(now, 4) as now,
                round(ratio, 4) as ratio, limit_value::double as at_most_times
                {_way_out(entity, LEVEL, "if the amounts are right") if severity == "error" else ""}
            from ({ratios})
            inner join amount_limits using (business_date)
            left join delivered_files using (business_date)
            where measure = '{LEVEL}' and severity = '{severity}' and limit_value > 0
                and not ratio between 1 / limit_value and limit_value
            order by business_date, rows desc, group_name
            """,
            f"the median of {column} at most {limit.normalize():f} times the usual, and at least "
            f"1/{limit.normalize():f} of it, "
            "in every group",
            f"at most {farthest or 1:.3g} times the usual, up or down, in {compared:,} deliveries"
            f"{_without_past(connection, column)}",
            severity,
            "" if compared else _NOTHING,
        )


def _far(connection: duckdb.DuckDBPyConnection, entity: str, column: str) -> Iterator[Check]:
    far = (
        f"select *, far_rows / rows as share from {AMOUNTS} inner join {MINIMUM_ROWS} using (business_date) "
        f"where column_name = '{column}'"
    )
    compared, highest = _row(connection, f"select count(distinct business_date), max(share) from ({far})")
    for severity, limit in _latest(connection, FAR):
        yield no_rows(
            f"few_far_values__{column}",
            ROWS,
            f"""
            select business_date, files, {_GROUP}, far_rows, rows, round(share, 4) as share,
                far_ratio as times_the_usual, limit_value::double as maximum
                {_way_out(entity, FAR, "if the amounts are right") if severity == "error" else ""}
            from ({far})
            inner join amount_limits using (business_date)
            left join delivered_files using (business_date)
            where measure = '{FAR}' and severity = '{severity}' and limit_value > 0
                and far_rows > greatest(far_rows_allowed, limit_value * rows)
            order by business_date, rows desc, group_name
            """,
            f"at most {limit:.1%} of the values of {column} in a group far above the usual, or far below",
            f"at most {highest or 0:.1%} in {compared:,} deliveries",
            severity,
            "" if compared else _NOTHING,
        )


def _mix(
    connection: duckdb.DuckDBPyConnection, entity: str, window: Window, loads_before: int
) -> Iterator[Check]:
    """Share of a currency in the rows of a delivery, beside its share in the deliveries before."""
    connection.execute(
        f"""
        create table currency_shares as
        with deliveries as (select load, business_date, rows from {GROUP_ROWS} where group_value is null),
        currencies as (
            select distinct group_value as currency from {GROUP_ROWS} where group_column = 'currency'
        ),
        counted as (
            select deliveries.*, currency, coalesce(found.rows, 0) as rows_of_currency
            from deliveries cross join currencies
            left join {GROUP_ROWS} as found
                on found.load = deliveries.load and group_column = 'currency' and group_value = currency
        )
        select *, rows_of_currency / rows as share,
            sum(rows_of_currency) over past / sum(rows) over past as usual
        from counted
        window past as (
            partition by currency order by load range between {loads_before} preceding and 1 preceding
        )
        qualify {window.contains()} and sum(rows) over past >= (
            select max(minimum_rows) from {MINIMUM_ROWS}
        ) and rows >= (select max(minimum_rows) from {MINIMUM_ROWS})
        """
    )
    compared, farthest = _row(
        connection, "select count(distinct business_date), max(abs(share - usual)) from currency_shares"
    )
    for severity, limit in _latest(connection, MIX):
        yield no_rows(
            "currency_mix",
            ROWS,
            f"""
            select business_date, files, currency, rows_of_currency, rows, round(usual, 4) as usual_share,
                round(share, 4) as share, limit_value::double as maximum_change
                {_way_out(entity, MIX, "if the currencies are right") if severity == "error" else ""}
            from currency_shares
            inner join amount_limits using (business_date)
            left join delivered_files using (business_date)
            where measure = '{MIX}' and severity = '{severity}' and limit_value > 0
                and abs(share - usual) > limit_value
            order by business_date, abs(share - usual) desc, currency
            """,
            f"the share of a currency in the rows at most {limit:.0%} away from its share before",
            f"at most {farthest or 0:.1%} away in {compared:,} deliveries",
            severity,
            "" if compared else _NOTHING,
        )


_NOTHING = "too few or too small earlier deliveries to compare with"
_GROUP = "concat_ws(' ', group_column, group_value) as group_name"


def _way_out(entity: str, measure: str, condition: str) -> str:
    return way_out("delivery_limits", {"entity": entity, "check_name": measure}, condition)


def _without_past(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """The groups of the window that are large enough and new, as they are named in a message."""
    found = connection.execute(
        f"""
        select distinct concat_ws(' ', group_column, group_value) as name
        from {GROUP_ROWS} inner join {MINIMUM_ROWS} using (business_date)
        where rows >= minimum_rows and group_value is not null and not exists (
            from {AMOUNTS} where column_name = '{column}'
                and {AMOUNTS}.group_column = {GROUP_ROWS}.group_column
                and {AMOUNTS}.group_value = {GROUP_ROWS}.group_value
        )
        order by name
        """
    ).fetchall()
    names = [name for (name,) in found]
    if not names:
        return ""
    rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"; not compared for lack of a past: {', '.join(names[:_NAMED])}{rest}"


def _latest(connection: duckdb.DuckDBPyConnection, measure: str) -> list[tuple[Severity, Decimal]]:
    """Each severity with a limit for the measure, and the latest value of the limit."""
    return connection.execute(
        "select severity, arg_max(limit_value, business_date) from amount_limits "
        "where measure = ? group by severity order by severity",
        [measure],
    ).fetchall()


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row
