"""Gate 1, the deliveries: have they arrived, in the usual size, and is every line accounted for?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb

from clientele.contracts import Contract
from expectations.checks import Check, no_rows
from expectations.gate_1_database import ROWS, Window
from expectations.limits import Limits
from expectations.results import Severity
from expectations.suites.way_out import way_out

_MEASURES = ("volume_min_ratio", "volume_min_median_rows", "rejected_max_share", "rejected_lines_allowed")


def delivery_checks(
    connection: duckdb.DuckDBPyConnection, contract: Contract, window: Window, limits: Limits
) -> list[Check]:
    """The checks on the deliveries of an entity in the window.

    Args:
        connection: The entity's temporary database; tables ``deliveries`` and ``limits`` are added.
        contract: The entity.
        window: Business dates that are judged.
        limits: The policy; the rows in force on the date of each delivery are used.

    Returns:
        The checks; those without anything to judge say so.

    Raises:
        PolicyError: A limit is missing.
    """
    _summarise_deliveries(connection, contract, window, limits)
    _list_limits(connection, contract, window, limits)
    return [
        *_freshness(connection, contract, window, limits),
        *_volume(connection, contract.name, limits),
        *_rejected_share(connection),
        _lines_add_up(connection, window),
        _lake_matches_audit(connection, window),
        _no_conflict(window),
        _no_refusal(window),
    ]


def _summarise_deliveries(
    connection: duckdb.DuckDBPyConnection, contract: Contract, window: Window, limits: Limits
) -> None:
    """One row per delivery of the window, with the median size of the loads before it.

    A line that was rejected since its parent was missing, and accepted once that had come, is not wrong.
    """
    history = int(limits.number(window.last, "volume_history_loads", contract.name))
    connection.execute(
        f"""
        create table deliveries as
        select * from (
            select business_date, sum(lines) as lines, sum(loaded) as loaded,
                sum(rejected) - coalesce(any_value(healed.rows), 0) as rejected,
                median(sum(loaded)) over before as median_before,
                count(*) over before = {history} as has_history
            from audit
            left join (
                select cast(split_part(file, '/', 1) as date) as business_date, sum(loaded) as rows
                from audit where status = 'healed' group by all
            ) as healed using (business_date)
            where status <> 'healed'
            group by business_date
            window before as (order by business_date rows between {history} preceding and 1 preceding)
        )
        where {window.contains()}
        """
    )


def _list_limits(
    connection: duckdb.DuckDBPyConnection, contract: Contract, window: Window, limits: Limits
) -> None:
    """The limits in force on the date of each delivery, and on the last day for the wording."""
    connection.execute(
        "create table limits "
        "(business_date date, measure varchar, severity varchar, limit_value decimal(18,6))"
    )
    delivered = {day for (day,) in connection.execute("select business_date from deliveries").fetchall()}
    rows = [
        f"('{day}', '{measure}', '{limit.severity}', {limit.value})"
        for day in sorted(delivered | {window.last})
        for measure in _MEASURES
        for limit in limits.on(day, measure, contract.name)
    ]
    connection.execute(f"insert into limits values {', '.join(rows)}")


def _freshness(
    connection: duckdb.DuckDBPyConnection, contract: Contract, window: Window, limits: Limits
) -> Iterator[Check]:
    (latest,) = _row(connection, "select max(business_date) from audit where status <> 'healed'")
    for limit in limits.on(window.last, "freshness_max_days", contract.name):
        yield no_rows(
            "freshness",
            ROWS,
            f"""
            select max(business_date) as latest_delivery,
                date '{window.last}' - max(business_date) as days_before
            from audit
            where status <> 'healed'
            having max(business_date) is null or date '{window.last}' - max(business_date) > {limit.value}
            """,
            f"a delivery for {window.last}, or at most {limit.value} days before it",
            f"delivered for {latest}",
            limit.severity,
        )


def _volume(connection: duckdb.DuckDBPyConnection, entity: str, limits: Limits) -> Iterator[Check]:
    judged = """
        select business_date, loaded, median_before, round(loaded / median_before, 3) as share_of_median,
            severity, limit_value
        from deliveries inner join limits using (business_date)
        where measure = 'volume_min_ratio' and has_history and median_before > 0 and median_before >= (
            select max(floors.limit_value) from limits as floors
            where floors.measure = 'volume_min_median_rows'
                and floors.business_date = deliveries.business_date
        )
    """
    deliveries, lowest = _row(
        connection, f"select count(distinct business_date), min(share_of_median) from ({judged})"
    )
    for severity, limit in _latest_limits(connection, "volume_min_ratio"):
        yield no_rows(
            "volume",
            ROWS,
            f"""
            select business_date, loaded, median_before, share_of_median, limit_value::double as minimum
                {_way_out(entity, limits) if severity == "error" else ""}
            from ({judged}) where severity = '{severity}' and loaded < limit_value * median_before
            order by business_date
            """,
            f"rows of a delivery at least {limit:.0%} of the median of the earlier loads",
            f"at least {lowest or 0:.1%} in {deliveries:,} deliveries",
            severity,
            "" if deliveries else "too few or too small earlier loads to compare with",
        )


def _way_out(entity: str, limits: Limits) -> str:
    """SQL of the policy line that would let a quiet day pass, and of a note where no holidays are known."""
    years = limits.holidays.years
    first, last = years.start, years.stop - 1
    of_volume = {"entity": entity, "check_name": "volume_min_ratio"}
    known = f"holidays are known from {first} to {last}" if years else "no holidays are known"
    return f"""
        , case when year(business_date) not between {first} and {last} then '{known}' end as note
        {way_out("delivery_limits", of_volume, "if the day really was quiet")}
    """


def _rejected_share(connection: duckdb.DuckDBPyConnection) -> Iterator[Check]:
    lines, rejected, highest = _row(
        connection, "select sum(lines), sum(rejected), max(rejected / nullif(lines, 0)) from deliveries"
    )
    (allowed,) = _row(
        connection,
        "select arg_max(limit_value, business_date) from limits where measure = 'rejected_lines_allowed'",
    )
    for severity, limit in _latest_limits(connection, "rejected_max_share"):
        yield no_rows(
            "rejected_share",
            ROWS,
            f"""
            select business_date, rejected, lines, round(rejected / lines, 4) as share,
                share_limit.limit_value::double as maximum
            from deliveries
            inner join limits as share_limit using (business_date)
            inner join limits as allowance using (business_date)
            where share_limit.measure = 'rejected_max_share' and share_limit.severity = '{severity}'
                and allowance.measure = 'rejected_lines_allowed'
                and rejected > greatest(allowance.limit_value, share_limit.limit_value * lines)
            order by business_date
            """,
            f"at most {limit:.2%} of the lines of a delivery rejected, or {allowed:.0f} lines",
            f"{rejected or 0:,} of {lines or 0:,} lines, at most {highest or 0:.2%} of a delivery",
            severity,
            "" if lines else "no line was delivered",
        )


def _lines_add_up(connection: duckdb.DuckDBPyConnection, window: Window) -> Check:
    files, lines = _row(
        connection, f"select count(*), coalesce(sum(lines), 0) from audit where {window.contains()}"
    )
    return no_rows(
        "lines_add_up",
        ROWS,
        f"""
        select business_date, file, lines, loaded, rejected from audit
        where {window.contains()} and lines is distinct from loaded + rejected order by all
        """,
        "lines = rows loaded + lines rejected, in every file",
        f"{lines:,} lines in {files:,} files",
        not_applicable="" if files else "nothing was delivered",
    )


def _lake_matches_audit(connection: duckdb.DuckDBPyConnection, window: Window) -> Check:
    (files,) = _row(connection, f"select count(*) from audit where {window.contains()}")
    return no_rows(
        "lake_matches_audit",
        ROWS,
        f"""
        with rows_found as (
            select business_date, source_file as file, count(*) as rows_found from {ROWS} group by all
        ),
        rejects_found as (
            select business_date, file, count(*) as rejects_found from rejects group by all
        ),
        audited as (
            select business_date, file, loaded, rejected from audit where {window.contains()}
        )
        select business_date, file, coalesce(loaded, 0) as loaded, coalesce(rows_found, 0) as rows_found,
            coalesce(rejected, 0) as rejected, coalesce(rejects_found, 0) as rejects_found
        from audited
        full join rows_found using (business_date, file)
        full join rejects_found using (business_date, file)
        where coalesce(loaded, 0) <> coalesce(rows_found, 0)
            or coalesce(rejected, 0) <> coalesce(rejects_found, 0)
        order by all
        """,
        "as many rows and rejected lines in the lake as the load audit says",
        f"{files:,} files agree",
        not_applicable="" if files else "nothing was delivered",
    )


def _no_conflict(window: Window) -> Check:
    return no_rows(
        "no_conflict",
        ROWS,
        "select business_date, file, line, reason from rejects "
        "where contains(reason, ': conflicts with ') order by all",
        "no row that was delivered before comes again with other values",
        f"no conflict from {window.first} to {window.last}",
        "warn",
    )


def _no_refusal(window: Window) -> Check:
    return no_rows(
        "no_refusal",
        ROWS,
        "select business_date, file, column_name, reason from refusals order by all",
        "no delivery refused",
        f"no refusal from {window.first} to {window.last}",
    )


def _latest_limits(connection: duckdb.DuckDBPyConnection, measure: str) -> list[tuple[Severity, Decimal]]:
    """Each severity with a limit for the measure, and the latest value of the limit."""
    return connection.execute(
        "select severity, arg_max(limit_value, business_date) from limits "
        "where measure = ? group by severity order by severity",
        [measure],
    ).fetchall()


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row
