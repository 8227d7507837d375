"""Gate 2, the amounts: are the totals of the candidate plausible beside the snapshots before?

Every decimal column ``…_amount`` of every public table with a ``snapshot_date`` is judged, also one that is
added later. What is measured goes into the table ``drift``, where limits are put on it.
"""

from __future__ import annotations

from datetime import date

import duckdb

from clientele.sql import identifier, literal
from expectations.gate_2_database import CANDIDATE, PREVIOUS, ReleaseCandidate, columns_of
from expectations.limits import Limits

AMOUNT_METRICS = {
    "amount_total_ratio": "times the highest total of the snapshots before, or times below the last:",
    "amount_median_ratio": "times the highest median of the snapshots before, or times below the last:",
    "amount_count_ratio": "times as many customers with an amount as before, or times fewer than the last:",
}
UNEXPLAINED = "aum_unexplained_pct"
UNEXPLAINED_WORDING = "per cent of all assets that came or went without a transaction:"
_MONTHS, _SNAPSHOT, _GROUPS = "fct_customer_months", "snapshot_date", ("tier", "currency", "product_family")


def measure_amounts(
    connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate, limits: Limits, previous_as_of: date
) -> None:
    """Add to ``drift`` how each amount of the snapshots after the previous release changed.

    A month that has begun is lower than the one before in whatever counts from its first day. So a total may
    be lower only than that of an earlier day of its month or, at a month end, of the month end before.

    Args:
        connection: The gate's database; the table ``amount_totals`` is added to it.
        release: What the candidate should be.
        limits: The policy; the rows in force on the as-of date are used.
        previous_as_of: Latest snapshot of the previous release, before the as-of date.

    Raises:
        PolicyError: A limit is missing.
    """
    history = int(limits.number(release.as_of, "amount_history_snapshots"))
    customers = int(limits.number(release.as_of, "amount_min_customers"))
    connection.execute(
        "create table amount_totals (snapshot_date date, table_name varchar, column_name varchar, "
        "group_name varchar, total double, middle double, customers bigint)"
    )
    for table, columns in sorted(_amounts(connection, release).items()):
        first = f"(select min(day) from (select distinct {_SNAPSHOT} as day from {CANDIDATE}.main.{table} "
        first += f"order by day desc limit {history}))"
        _add_totals(connection, CANDIDATE, table, columns, f"{_SNAPSHOT} >= {first}")
        known = columns_of(connection, PREVIOUS).get(table, set())
        before = [column for column in columns if column in known]
        last_before = (
            f"{_SNAPSHOT} = date '{previous_as_of}' and {_SNAPSHOT} not in "
            f"(select {_SNAPSHOT} from {CANDIDATE}.main.{table})"
        )
        if before and _SNAPSHOT in known:
            _add_totals(connection, PREVIOUS, table, before, last_before)
    for metric, value in zip(AMOUNT_METRICS, ("total", "middle", "customers"), strict=True):
        connection.execute(f"insert into drift {_changes(metric, value, customers, previous_as_of)}")
    if all(_has_flows(connection, database) for database in (CANDIDATE, PREVIOUS)):
        connection.execute(f"insert into drift {_unexplained(customers, previous_as_of)}")


def _amounts(connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate) -> dict[str, list[str]]:
    """The amount columns of each public table that has snapshots, as the candidate has them."""
    found = columns_of(connection, CANDIDATE)
    amounts = {
        table: [
            column
            for column, kind in columns.items()
            if column.endswith("_amount") and kind.lower().startswith("decimal") and column in found[table]
        ]
        for table, columns in release.public_tables.items()
        if _SNAPSHOT in found.get(table, set())
    }
    return {table: columns for table, columns in amounts.items() if columns}


def _add_totals(
    connection: duckdb.DuckDBPyConnection, database: str, table: str, columns: list[str], condition: str
) -> None:
    """Total, median and number of each amount at each snapshot, for all and for each tier and the like."""
    found = columns_of(connection, database)[table]
    groups = [group for group in _GROUPS if group in found]
    sets = ", ".join(["()", *(f"({group})" for group in groups)])
    names = " ".join(f"when grouping({group}) = 0 then '{group} ' || {group}" for group in groups)
    weight = "sum(customers)" if "customers" in found else "count(*)"
    measured = ", ".join(
        f"{{'column_name': {literal(column)}, 'total': sum({identifier(column)})::double, "
        f"'middle': median(abs({identifier(column)})) filter (where {identifier(column)} <> 0)::double, "
        f"'customers': {weight} filter (where {identifier(column)} <> 0)}}"
        for column in columns
    )
    connection.execute(
        f"""
        insert into amount_totals
        select {_SNAPSHOT}, {literal(table)}, measured.column_name, group_name, measured.total,
            {"null" if "customers" in found else "measured.middle"}, coalesce(measured.customers, 0)
        from (
            select {_SNAPSHOT}, {f"case {names} else 'all' end" if names else "'all'"} as group_name,
                unnest([{measured}]) as measured
            from {database}.main.{identifier(table)} where {condition}
            group by {_SNAPSHOT}, grouping sets ({sets})
        )
        """
    )


def _changes(metric: str, value: str, customers: int, previous_as_of: date) -> str:
    """How many times above the highest before, or below the one that it may not fall below."""
    after = f"greatest(abs({value}), 0)"
    return f"""
        with compared as (
            select *, max(abs({value})) over earlier as highest,
                max(customers) over earlier as customers_before,
                case
                    when snapshot_date = last_day(snapshot_date) or month(before_date) = month(snapshot_date)
                        then abs(value_before)
                end as lowest
            from (
                select *, lag(snapshot_date) over snapshots as before_date,
                    lag({value}) over snapshots as value_before
                from amount_totals
                window snapshots as (
                    partition by table_name, column_name, group_name order by snapshot_date
                )
            )
            window earlier as (
                partition by table_name, column_name, group_name order by snapshot_date
                rows between unbounded preceding and 1 preceding
            )
        )
        select '{metric}',
            concat_ws(' ', table_name || '.' || column_name, 'of', group_name, 'on', snapshot_date),
            case when {after} > highest then highest else coalesce(lowest, highest) end, {value},
            greatest({after} / highest, lowest / {after})
        from compared
        where snapshot_date > date '{previous_as_of}' and customers_before >= {customers} and highest > 0
            and {value} is not null
    """


def _has_flows(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    wanted = {_SNAPSHOT, "aum_amount", "inflow_amount", "outflow_amount"}
    return wanted <= columns_of(connection, database).get(_MONTHS, set())


def _unexplained(customers: int, previous_as_of: date) -> str:
    """Change of all assets less the money that came in and went out, per cent of the assets before."""

    def totals(database: str, condition: str) -> str:
        return f"""
            select {_SNAPSHOT}, count(aum_amount) as customers, sum(aum_amount) as aum,
                sum(inflow_amount) - sum(outflow_amount) as net_inflow
            from {database}.main.{_MONTHS} where {condition} group by all
        """

    return f"""
        with previous as ({totals(PREVIOUS, f"{_SNAPSHOT} = date '{previous_as_of}'")}),
        candidate as ({totals(CANDIDATE, f"{_SNAPSHOT} > date '{previous_as_of}'")}),
        compared as (
            select previous.aum as before, arg_max(candidate.aum, candidate.{_SNAPSHOT}) as after,
                sum(candidate.net_inflow) - case
                    when any_value(previous.{_SNAPSHOT}) = last_day(any_value(previous.{_SNAPSHOT})) then 0
                    else any_value(previous.net_inflow)
                end as net_inflow
            from previous cross join candidate
            where previous.customers >= {customers}
            group by previous.aum
        )
        select '{UNEXPLAINED}', 'assets of all customers', before, after,
            100 * abs(after - before - net_inflow)::double / before
        from compared where before > 0 and after is not null
    """
