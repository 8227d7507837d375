"""Gate 2, the change: is the candidate plausible beside the previous release?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from expectations.checks import Check, no_rows
from expectations.gate_2_database import CANDIDATE, COLUMNS, PREVIOUS, ReleaseCandidate, columns_of
from expectations.limits import Limits
from expectations.suites.amount_drift import (
    AMOUNT_METRICS,
    UNEXPLAINED,
    UNEXPLAINED_WORDING,
    measure_amounts,
)
from expectations.suites.way_out import way_out

PORTFOLIO = "fct_portfolio_monthly"


@dataclass(frozen=True)
class _Comparison:
    """One step of the comparison: what it measures, what it reads, and its SQL.

    The SQL gives ``metric, subject, before, after, change``; the limit is on ``change``.
    """

    metrics: Mapping[str, str]
    table: str
    columns: frozenset[str]
    sql: Callable[[_Settings], str]


@dataclass(frozen=True)
class _Settings:
    """Policy values that control the comparison itself."""

    previous_as_of: date
    as_of: date
    psi_floor_share: str
    min_customers: str
    alert_history_days: int
    alert_usual_minimum: str


def drift_checks(
    connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate, limits: Limits
) -> list[Check]:
    """Compare the candidate with the previous release.

    Args:
        connection: The gate's database; a table ``drift`` is added to it.
        release: What the candidate should be.
        limits: The policy; the rows in force on the as-of date are used.

    Returns:
        One check per metric and severity. With a new version of models or policy, changes are meant:
        limits that block then only warn, and the date may go back.

    Raises:
        PolicyError: A limit is missing.
    """
    connection.execute(
        "create table drift (metric varchar, subject varchar, before double, after double, change double)"
    )
    previous_as_of = _previous_as_of(connection)
    reason = _why_not(release, limits, previous_as_of)
    checks = [_not_backwards(release, previous_as_of)]
    for comparison in _COMPARISONS:
        absent = reason or _absent(connection, comparison)
        if not absent and previous_as_of:
            settings = _settings(release, limits, previous_as_of)
            connection.execute(f"insert into drift {comparison.sql(settings)}")
        for metric, wording in comparison.metrics.items():
            checks += _limits(connection, release, limits, metric, wording, absent)
    if not reason and previous_as_of:
        measure_amounts(connection, release, limits, previous_as_of)
    for metric, wording in (AMOUNT_METRICS | {UNEXPLAINED: UNEXPLAINED_WORDING}).items():
        checks += _limits(connection, release, limits, metric, wording, reason)
    return checks


def _previous_as_of(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Latest snapshot of the previous release, when there is one that can be read."""
    if "snapshot_date" not in columns_of(connection, PREVIOUS).get(PORTFOLIO, set()):
        return None
    row = connection.execute(f"select max(snapshot_date) from {PREVIOUS}.main.{PORTFOLIO}").fetchone()
    return row[0] if row else None


def _why_not(release: ReleaseCandidate, limits: Limits, previous_as_of: date | None) -> str:
    gap = int(limits.number(release.as_of, "drift_max_gap_days"))
    if previous_as_of is None:
        return "there is no previous release"
    if previous_as_of >= release.as_of:
        return f"the previous release is dated {previous_as_of}, which is not earlier"
    if (release.as_of - previous_as_of).days > gap:
        return f"the previous release is dated {previous_as_of}; limits apply to a gap of at most {gap} days"
    return ""


def _absent(connection: duckdb.DuckDBPyConnection, comparison: _Comparison) -> str:
    for database in (CANDIDATE, PREVIOUS):
        found = columns_of(connection, database).get(comparison.table, set())
        if not comparison.columns <= found:
            release = "previous release" if database == PREVIOUS else "candidate"
            return f"the {release} has no {comparison.table} to compare with"
    return ""


def _settings(release: ReleaseCandidate, limits: Limits, previous_as_of: date) -> _Settings:
    day = release.as_of
    return _Settings(
        previous_as_of=previous_as_of,
        as_of=day,
        psi_floor_share=str(limits.number(day, "psi_floor_share")),
        min_customers=str(limits.number(day, "drift_min_customers")),
        alert_history_days=int(limits.number(day, "alert_history_days")),
        alert_usual_minimum=str(limits.number(day, "alert_usual_minimum")),
    )


def _not_backwards(release: ReleaseCandidate, previous_as_of: date | None) -> Check:
    reason = "there is no previous release" if previous_as_of is None else ""
    if release.is_new_version and not reason:
        reason = "the models or the policy differ from those of the previous release"
    return no_rows(
        "as_of_not_backwards",
        COLUMNS,
        f"select * from (select date '{previous_as_of or release.as_of}' as previous, "
        f"date '{release.as_of}' as candidate) where candidate < previous",
        "a date not before that of the previous release",
        f"{release.as_of} after {previous_as_of}",
        not_applicable=reason,
        entity=CANDIDATE,
    )


def _limits(
    connection: duckdb.DuckDBPyConnection,
    release: ReleaseCandidate,
    limits: Limits,
    metric: str,
    wording: str,
    reason: str,
) -> Iterator[Check]:
    measured = connection.execute("select count(*) from drift where metric = ?", [metric]).fetchall()
    for limit in limits.on(release.as_of, metric):
        yield no_rows(
            f"drift__{metric}",
            COLUMNS,
            f"""
            select subject, round(before, 4) as before, round(after, 4) as after, round(change, 4) as change
                {_way_out(release, metric) if limit.severity == "error" else ""}
            from drift where metric = '{metric}' and change > {limit.value} order by change desc, subject
            """,
            f"{wording} at most {limit.value}",
            observed_query=f"select format('{{:.4g}}', max(change)) from drift where metric = '{metric}'",
            severity="warn" if release.is_new_version else limit.severity,
            not_applicable=reason or ("" if measured != [(0,)] else "too little data to compare"),
            entity=CANDIDATE,
        )


def _way_out(release: ReleaseCandidate, metric: str) -> str:
    """SQL of the policy line with which all that was measured of a metric passes on the as-of date."""
    largest = f"select least(ceil(max(change)), 999999999999)::bigint from drift where metric = '{metric}'"
    condition = "if the change is real"
    return way_out("release_limits", {"metric": metric}, condition, f"date '{release.as_of}'", largest)


def _shares(column: str) -> Callable[[_Settings], str]:
    """Share of customers in each class at the latest snapshot, and the population stability index."""

    def sql(settings: _Settings) -> str:
        def shares(database: str) -> str:
            return f"""
                select {column} as class, sum(customers) as customers, sum(sum(customers)) over () as total
                from {database}.main.{PORTFOLIO}
                where snapshot_date = (select max(snapshot_date) from {database}.main.{PORTFOLIO})
                group by all
            """

        return f"""
            with classes as (
                select class, coalesce(previous.customers, 0) / any_value(previous.total) over () as before,
                    coalesce(candidate.customers, 0) / any_value(candidate.total) over () as after
                from ({shares(PREVIOUS)}) as previous
                full join ({shares(CANDIDATE)}) as candidate using (class)
                qualify least(any_value(previous.total) over (), any_value(candidate.total) over ())
                    >= {settings.min_customers}
            )
            select '{column}_share_change_pp', class, 100 * before, 100 * after, 100 * abs(after - before)
            from classes
            union all
            select '{column}_psi', 'all classes', null, null, sum((after - before) * ln(after / before))
            from (
                select greatest(before, {settings.psi_floor_share}) as before,
                    greatest(after, {settings.psi_floor_share}) as after
                from classes
            ) having count(*) > 0
        """

    return sql


def _customers(settings: _Settings) -> str:
    def total(database: str) -> str:
        return (
            f"(select sum(customers) from {database}.main.{PORTFOLIO} "
            f"where snapshot_date = (select max(snapshot_date) from {database}.main.{PORTFOLIO}))"
        )

    return f"""
        select 'customers_decrease_pct', 'all customers', before, after,
            greatest(0, 100.0 * (before - after) / before)
        from (select {total(PREVIOUS)} as before, {total(CANDIDATE)} as after) where before > 0
    """


def _survey_means(settings: _Settings) -> str:
    def latest(database: str) -> str:
        return f"""
            select survey_kind, metric, mean_score from {database}.main.fct_satisfaction_monthly
            where dimension = 'bank' and status = 'ok'
            qualify row_number() over (partition by survey_kind, metric order by month_end_date desc) = 1
        """

    return f"""
        select 'survey_mean_change_' || metric, survey_kind, previous.mean_score, candidate.mean_score,
            abs(candidate.mean_score - previous.mean_score)
        from ({latest(PREVIOUS)}) as previous
        inner join ({latest(CANDIDATE)}) as candidate using (survey_kind, metric)
    """


def _alerts(settings: _Settings) -> str:
    """New alerts since the previous release, as a multiple of what was usual before it."""
    days = (settings.as_of - settings.previous_as_of).days
    return f"""
        select 'alert_volume_ratio', 'new alerts', usual, found,
            found / greatest(usual, {settings.alert_usual_minimum})
        from (
            select (
                select count(*) * {days} / {settings.alert_history_days}.0 from {PREVIOUS}.main.fct_alerts
                where fired_date > date '{settings.previous_as_of}' - {settings.alert_history_days}
            ) as usual,
            (
                select count(*) from {CANDIDATE}.main.fct_alerts
                where fired_date > date '{settings.previous_as_of}'
            ) as found
        )
    """


_COMPARISONS = (
    _Comparison(
        {"customers_decrease_pct": "per cent fewer customers:"},
        PORTFOLIO,
        frozenset({"snapshot_date", "customers"}),
        _customers,
    ),
    *(
        _Comparison(
            {
                f"{column}_share_change_pp": f"percentage points of change of the share of a {column}:",
                f"{column}_psi": f"population stability index of {column}:",
            },
            PORTFOLIO,
            frozenset({"snapshot_date", "customers", column}),
            _shares(column),
        )
        for column in ("tier", "segment")
    ),
    _Comparison(
        {
            f"survey_mean_change_{metric}": f"points of change of the mean {metric} score:"
            for metric in ("nps", "csat", "ces")
        },
        "fct_satisfaction_monthly",
        frozenset({"dimension", "status", "survey_kind", "metric", "mean_score", "month_end_date"}),
        _survey_means,
    ),
    _Comparison(
        {"alert_volume_ratio": "multiple of the usual number of new alerts:"},
        "fct_alerts",
        frozenset({"fired_date"}),
        _alerts,
    ),
)
