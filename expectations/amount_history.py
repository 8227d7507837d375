"""What the numbers of a delivery usually are, and how far those of the window lie from it.

A value of an event is compared with the usual value of its group (type, currency and product together) in
the deliveries before, a value of a version with the value its own key had before. So a day of salaries or
a month end, on which other groups come than on other days, is an ordinary day.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from clientele.contracts import Column, Contract
from clientele.sql import identifier, identifiers, literal
from expectations.gate_1_database import EARLIER_ROWS, Window, describe_earlier_rows, describe_latest_versions

AMOUNTS = "amounts"
"""Table: one row per delivery of the window, number column and group whose values have a past."""
GROUP_ROWS = "group_rows"
"""Table: rows of each delivery, of the window and before it, in each group; a null group holds them all."""
MINIMUM_ROWS = "minimum_rows"
"""Table: by business date of the window, the rows from which a group is judged, and how far is far."""

CURRENCY = "currency"
_ALL = "all rows"
_NUMBERS = ("integer", "bigint", "decimal")


def number_columns(contract: Contract) -> list[Column]:
    """Columns that hold a quantity: numbers that are no part of the key and refer to nothing."""
    return [
        column
        for column in contract.columns
        if column.type.startswith(_NUMBERS) and column.name not in contract.key and not column.references
    ]


def group_columns(contract: Contract) -> list[str]:
    """Columns by which values are told apart: required closed lists, the currency, the product."""
    return [
        column.name
        for column in contract.columns
        if (column.required and column.allowed)
        or column.name == CURRENCY
        or (column.references and column.references[0] == "products")
    ]


def describe_amounts(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    contracts: Mapping[str, Contract],
    contract: Contract,
    window: Window,
    loads_before: int,
) -> None:
    """Add the tables ``amounts`` and ``group_rows`` to a database that ``describe_entity`` filled.

    Reads so many deliveries before the window and no more, and only the columns it needs.

    Args:
        connection: The database; it has the table ``minimum_rows``.
        lake: Folder of the lake.
        contracts: All contracts, for the accounts that tell the currency and product of a balance.
        contract: The entity.
        window: Business dates that are judged.
        loads_before: Deliveries before each delivery to compare it with.
    """
    describe_earlier_rows(connection, lake, contract, window, loads_before)
    connection.execute(
        f"create table loads as select business_date, row_number() over (order by business_date) as load "
        f"from (select distinct business_date from {EARLIER_ROWS})"
    )
    joined, groups = _groups(connection, lake, contracts, contract, window)
    connection.execute(
        f"create table {GROUP_ROWS} as select business_date, load, {_labels(groups)}, count(*) as rows "
        f"from {EARLIER_ROWS} inner join loads using (business_date) {joined} "
        f"group by {_grouping_sets(groups, ['business_date', 'load'])}"
    )
    connection.execute(
        f"create table {AMOUNTS} (business_date date, column_name varchar, group_column varchar, "
        "group_value varchar, rows bigint, before double, now double, ratio double, far_rows bigint)"
    )
    for column in number_columns(contract):
        rows = f"""
            select business_date, load, {identifiers([*contract.key, *groups])},
                {identifier(column.name)}::double as value
            from {EARLIER_ROWS} inner join loads using (business_date) {joined}
            where {identifier(column.name)} is not null
        """
        versions = contract.row_kind == "version"
        compared = (
            _with_own_past(rows, contract, window, loads_before)
            if versions
            else _with_past_of_group(connection, rows, groups, window, loads_before)
        )
        connection.execute(f"insert into {AMOUNTS} {_summary(compared, column, groups)}")


def _groups(
    connection: duckdb.DuckDBPyConnection,
    lake: Path,
    contracts: Mapping[str, Contract],
    contract: Contract,
    window: Window,
) -> tuple[str, list[str]]:
    """The group columns, and the join that brings them where the rows have none of their own."""
    own = group_columns(contract)
    parents = [
        (column, contracts[entity])
        for column, entity, _ in contract.references
        if not own and number_columns(contract) and group_columns(contracts[entity])
    ]
    if not parents:
        return "", own
    column, parent = parents[0]
    groups = group_columns(parent)
    table = describe_latest_versions(connection, lake, parent, groups, window.last)
    return f"left join {identifier(table)} on version_of = {EARLIER_ROWS}.{identifier(column.name)}", groups


def _grouping_sets(groups: list[str], always: list[str]) -> str:
    sets = [identifiers(always), *(identifiers([*always, group]) for group in groups)]
    return f"grouping sets ({', '.join(f'({columns})' for columns in sets)})"


def _labels(groups: list[str]) -> str:
    """The group of a summarised row as two columns: which column tells it apart, and its value there."""
    if not groups:
        return f"{literal(_ALL)} as group_column, null::varchar as group_value"
    name = " ".join(f"when grouping({identifier(group)}) = 0 then {literal(group)}" for group in groups)
    value = " ".join(
        f"when grouping({identifier(group)}) = 0 then coalesce({identifier(group)}::varchar, 'empty')"
        for group in groups
    )
    return f"case {name} else {literal(_ALL)} end as group_column, case {value} end as group_value"


def _with_own_past(rows: str, contract: Contract, window: Window, loads_before: int) -> str:
    """Values of the window beside the value that the same key had before."""
    return f"""
        select *, usual as usually_low, usual as usually_high from (
            select *, lag(value) over versions as usual, lag(load) over versions as load_before
            from ({rows}) window versions as (partition by {identifiers(contract.key)} order by load)
        ) where {window.contains()} and usual <> 0 and load_before >= load - {loads_before}
    """


def _with_past_of_group(
    connection: duckdb.DuckDBPyConnection, rows: str, groups: list[str], window: Window, loads_before: int
) -> str:
    """Values of the window beside what is usual in their group; the days before count by their rows."""
    cell = identifiers(["load", *groups])
    same = " and ".join(
        ["before.load between now.load - " + str(loads_before) + " and now.load - 1"]
        + [f"before.{identifier(group)} is not distinct from now.{identifier(group)}" for group in groups]
    )
    connection.execute(
        f"""
        create or replace temp table days_of_groups as
        select business_date, {cell}, count(*) as rows, median(abs(value)) as middle,
            quantile_cont(abs(value), 0.05) as low, quantile_cont(abs(value), 0.95) as high
        from ({rows}) group by all
        """
    )

    def half_of_rows(measure: str) -> str:
        return f"""
            select {cell}, any_value(total) as rows_before,
                min({measure}) filter (where running >= total / 2) as {measure}
            from (
                select {identifiers_of("now", ["load", *groups])}, before.{measure},
                    sum(before.rows) over (
                        {_partition("now", groups)} order by before.{measure}, before.load
                    ) as running,
                    sum(before.rows) over ({_partition("now", groups)}) as total
                from days_of_groups as now inner join days_of_groups as before on {same}
                where {window.contains("now.business_date")}
            ) group by all
        """

    def alike(name: str) -> str:
        pairs = ["load", *groups]
        return " and ".join(
            f"{name}.{identifier(one)} is not distinct from middle.{identifier(one)}" for one in pairs
        )

    connection.execute(
        f"""
        create or replace temp table usual_of_groups as
        select middle.*, low.low, high.high from ({half_of_rows("middle")}) as middle
        inner join ({half_of_rows("low")}) as low on {alike("low")}
        inner join ({half_of_rows("high")}) as high on {alike("high")}
        """
    )
    joined = " and ".join(
        f"delivered.{identifier(one)} is not distinct from usual_of_groups.{identifier(one)}"
        for one in ["load", *groups]
    )
    return f"""
        select delivered.business_date, {identifiers_of("delivered", groups)}{"," if groups else ""}
            abs(delivered.value) as value, middle as usual, low as usually_low, high as usually_high
        from ({rows}) as delivered inner join usual_of_groups on {joined}
        inner join {MINIMUM_ROWS} using (business_date)
        where middle > 0 and rows_before >= minimum_rows
    """


def _partition(table: str, groups: list[str]) -> str:
    return f"partition by {identifiers_of(table, ['load', *groups])}"


def identifiers_of(table: str, names: list[str]) -> str:
    """Columns of one table, separated by commas."""
    return ", ".join(f"{table}.{identifier(name)}" for name in names)


def _summary(compared: str, column: Column, groups: list[str]) -> str:
    return f"""
        select business_date, {literal(column.name)}, {_labels(groups)}, count(*),
            median(usual), median(value), median(value / usual),
            greatest(
                count(*) filter (where value / usually_high >= far_ratio),
                count(*) filter (where value / usually_low <= 1 / far_ratio)
            )
        from ({compared}) inner join {MINIMUM_ROWS} using (business_date)
        group by {_grouping_sets(groups, ["business_date"])}
        having count(*) >= any_value(minimum_rows)
    """
