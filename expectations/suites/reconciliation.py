"""Gate 2, the totals: do the candidate's tables agree with each other?"""

from __future__ import annotations

import duckdb

from expectations.checks import Check, no_rows
from expectations.gate_2_database import CANDIDATE, COLUMNS, ReleaseCandidate, columns_of

PORTFOLIO = "fct_portfolio_monthly"
_CLASSIFICATIONS = {
    "tier": "fct_customer_tiers",
    "segment": "fct_customer_rfm",
    "lifecycle_stage": "fct_customer_lifecycle",
}
"""What customers are classified by, and the table that does it."""
_MONTHS = "fct_customer_months"
_ACTIVITY = (
    *("transactions", "active_transactions", "late_transactions", "active_days", "frequency_days"),
    *("inflow_amount", "outflow_amount", "late_inflow_amount", "late_outflow_amount"),
    *("late_reversed_inflow_amount", "late_reversed_outflow_amount"),
    *("salary_amount", "card_spend_amount", "refund_amount", "fee_amount"),
    *("same_name_in_amount", "same_name_out_amount", "transfer_in_amount", "transfer_out_amount"),
    *("investment_bought_amount", "investment_sold_amount", "loan_drawn_amount", "loan_repaid_amount"),
    *("turnover_window_amount", "card_spend_window_amount"),
)
"""Its counts and sums of what customers did."""


def reconciliation_checks(connection: duckdb.DuckDBPyConnection, release: ReleaseCandidate) -> list[Check]:
    """Totals that must be equal in tables that were computed apart.

    Args:
        connection: The gate's database.
        release: What the candidate should be.

    Returns:
        The checks; those that need a table that is not public are not applicable.
    """
    public = set(release.public_tables)
    checks = [
        _latest_snapshot(release),
        _customers_in_portfolio(),
        *(_customers_in_mart(table) for table in _customer_marts(release)),
        _aum(connection),
        _activity(connection),
        *(_classification(column, table) for column, table in _CLASSIFICATIONS.items()),
        *(_current_classification(column) for column in _CLASSIFICATIONS),
        _nps_answers(connection),
        _nps_months(connection),
    ]
    return [_only_if_public(check, needed, public) for check, needed in checks]


_Needing = tuple[Check, set[str]]
"""A check, and the tables it reads."""


def _customer_marts(release: ReleaseCandidate) -> list[str]:
    return sorted(
        table for table, key in release.keys.items() if set(key) == {"customer_id", "snapshot_date"}
    )


def _only_if_public(check: Check, needed: set[str], public: set[str]) -> Check:
    absent = sorted(needed - public)
    return check.because(f"{absent[0]} is not a public table") if absent else check


def _nothing(connection: duckdb.DuckDBPyConnection, table: str, condition: str, columns: set[str]) -> str:
    """Why a total cannot be judged: no row holds it. A missing column is left to the check to fail on."""
    if not columns <= columns_of(connection, CANDIDATE).get(table, set()):
        return ""
    found = connection.execute(f"select count(*) from {table} where {condition}").fetchall()
    return "insufficient data" if found == [(0,)] else ""


def _latest_snapshot(release: ReleaseCandidate) -> _Needing:
    return no_rows(
        "latest_snapshot",
        COLUMNS,
        f"""
        select max(snapshot_date) as latest_snapshot from {PORTFOLIO}
        having max(snapshot_date) is distinct from date '{release.as_of}'
        """,
        f"the latest snapshot is dated {release.as_of}",
        f"{release.as_of}",
        entity=PORTFOLIO,
    ), {PORTFOLIO}


def _customers_in_portfolio() -> _Needing:
    return no_rows(
        "customers_match",
        COLUMNS,
        f"""
        select * from (
            select (select count(*) from dim_customers) as dim_customers,
                (
                    select coalesce(sum(customers), 0) from {PORTFOLIO}
                    where snapshot_date = (select max(snapshot_date) from {PORTFOLIO})
                ) as {PORTFOLIO}
        ) where dim_customers <> {PORTFOLIO}
        """,
        f"as many customers in {PORTFOLIO} at its latest snapshot as in dim_customers",
        observed_query="select format('{:,} customers', count(*)) from dim_customers",
        entity="dim_customers",
    ), {"dim_customers", PORTFOLIO}


def _customers_in_mart(table: str) -> _Needing:
    return no_rows(
        "customers_match",
        COLUMNS,
        f"""
        with mart as (select snapshot_date, count(*) as customers from {table} group by all),
        portfolio as (select snapshot_date, sum(customers) as customers from {PORTFOLIO} group by all)
        select snapshot_date, coalesce(mart.customers, 0) as {table},
            coalesce(portfolio.customers, 0) as {PORTFOLIO}
        from mart full join portfolio using (snapshot_date)
        where mart.customers is distinct from portfolio.customers order by snapshot_date
        """,
        f"as many customers as in {PORTFOLIO}, at every snapshot",
        observed_query=f"select format('{{:,}} snapshots agree', count(distinct snapshot_date)) from {table}",
        entity=table,
    ), {table, PORTFOLIO}


def _aum(connection: duckdb.DuckDBPyConnection) -> _Needing:
    return no_rows(
        "aum_matches",
        COLUMNS,
        f"""
        with months as (select snapshot_date, sum(aum_amount) as aum from fct_customer_months group by all),
        portfolio as (select snapshot_date, sum(aum_amount) as aum from {PORTFOLIO} group by all)
        select snapshot_date, months.aum as fct_customer_months, portfolio.aum as {PORTFOLIO}
        from months full join portfolio using (snapshot_date)
        where months.aum is distinct from portfolio.aum order by snapshot_date
        """,
        "the AUM of fct_customer_months, to the cent, at every snapshot",
        observed_query=f"""
        select coalesce(format('{{:,}} CNY', sum(aum_amount)::bigint), 'none') from {PORTFOLIO}
        where snapshot_date = (select max(snapshot_date) from {PORTFOLIO})
        """,
        not_applicable=_nothing(connection, PORTFOLIO, "aum_amount is not null", {"aum_amount"}),
        entity=PORTFOLIO,
    ), {"fct_customer_months", PORTFOLIO}


def _activity(connection: duckdb.DuckDBPyConnection) -> _Needing:
    """What was taken back can be no more than what was done: no count or sum of activity is below zero."""
    public = columns_of(connection, CANDIDATE).get(_MONTHS, set())
    names = [name for name in _ACTIVITY if name in public]
    negative = " union all ".join(
        f"select snapshot_date, customer_id, '{name}' as measure, {name}::decimal(18, 2) as value "
        f"from {_MONTHS} where {name} < 0"
        for name in names
    )
    return no_rows(
        "activity_not_negative",
        COLUMNS,
        f"select * from ({negative or f'select snapshot_date from {_MONTHS} where false'}) order by all",
        "no count and no sum of what a customer did is below zero",
        f"{len(names)} columns hold none",
        not_applicable="" if names else "no column of activity is public",
        entity=_MONTHS,
    ), {_MONTHS}


def _classification(column: str, table: str) -> _Needing:
    """Total and exclusive: every customer has one class, and the classes sum to all customers."""
    return no_rows(
        f"{column}_total_and_exclusive",
        COLUMNS,
        f"""
        with mart as (select snapshot_date, {column}, count(*) as customers from {table} group by all),
        portfolio as (
            select snapshot_date, {column}, sum(customers) as customers from {PORTFOLIO} group by all
        )
        select snapshot_date, coalesce({column}, 'nothing') as {column},
            coalesce(mart.customers, 0) as {table}, coalesce(portfolio.customers, 0) as {PORTFOLIO}
        from mart full join portfolio using (snapshot_date, {column})
        where {column} is null or mart.customers is distinct from portfolio.customers
        order by all
        """,
        f"every customer in one {column}, and the same counts in {PORTFOLIO}",
        observed_query=f"select format('{{}} classes', count(distinct {column})) from {table}",
        entity=table,
    ), {table, PORTFOLIO}


def _current_classification(column: str) -> _Needing:
    return no_rows(
        f"{column}_matches",
        COLUMNS,
        f"""
        with customers as (select {column}, count(*) as customers from dim_customers group by all),
        portfolio as (
            select {column}, sum(customers) as customers from {PORTFOLIO}
            where snapshot_date = (select max(snapshot_date) from {PORTFOLIO}) group by all
        )
        select coalesce({column}, 'nothing') as {column}, coalesce(customers.customers, 0) as dim_customers,
            coalesce(portfolio.customers, 0) as {PORTFOLIO}
        from customers full join portfolio using ({column})
        where {column} is null or customers.customers is distinct from portfolio.customers order by all
        """,
        f"as many customers of each {column} as in {PORTFOLIO}",
        "equal counts",
        entity="dim_customers",
    ), {"dim_customers", PORTFOLIO}


def _nps_answers(connection: duckdb.DuckDBPyConnection) -> _Needing:
    return no_rows(
        "nps_answers_add_up",
        COLUMNS,
        """
        select response_id, promoters, passives, detractors from fct_survey_responses
        where metric = 'nps' and is_counted and (promoters + passives + detractors) is distinct from 1
        order by response_id
        """,
        "promoters + passives + detractors = counted answers",
        observed_query="""
        select format('{:,} answers', count(*)) from fct_survey_responses where metric = 'nps' and is_counted
        """,
        not_applicable=_no_answers(connection),
        entity="fct_survey_responses",
    ), {"fct_survey_responses"}


def _nps_months(connection: duckdb.DuckDBPyConnection) -> _Needing:
    return no_rows(
        "nps_months_match",
        COLUMNS,
        """
        with answers as (
            select month_end_date, survey_kind, count(*) as answers from fct_survey_responses
            where metric = 'nps' and is_counted group by all
        ),
        months as (
            select month_end_date, survey_kind, responses as answers from fct_satisfaction_monthly
            where metric = 'nps' and dimension = 'bank' and responses > 0
        )
        select month_end_date, survey_kind, answers.answers as fct_survey_responses,
            months.answers as fct_satisfaction_monthly
        from answers full join months using (month_end_date, survey_kind)
        where answers.answers is distinct from months.answers order by all
        """,
        "the counted answers of fct_survey_responses, in every month",
        "equal counts",
        not_applicable=_no_answers(connection),
        entity="fct_satisfaction_monthly",
    ), {"fct_survey_responses", "fct_satisfaction_monthly"}


def _no_answers(connection: duckdb.DuckDBPyConnection) -> str:
    counted = "metric = 'nps' and is_counted"
    return _nothing(connection, "fct_survey_responses", counted, {"metric", "is_counted"})
