"""A real purchase log through the very same commands: only customers and transactions are delivered.

The numbers are published or recomputed from the log.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from clientele.settings import Settings
from tests import cdnow
from tests.conftest import run_module

SCORE_LINES_SHA256 = "45f26d5a274824d4120661606f6ac3ddfb3d8d26df9a0791b2492c2a53f70c37"
CUTS = {
    "recency": [Decimal(days) for days in (242, 219, 198, 99)],
    "frequency": [Decimal(days) for days in (1, 1, 2, 3)],
    "monetary": [Decimal(amount) for amount in ("14.96", "27.99", "46.04", "93.76")],
}
SCORES = {
    "r_score": [480, 478, 459, 475, 465],
    "f_score": [1411, 0, 439, 214, 293],
    "m_score": [480, 464, 471, 471, 471],
}
CELLS = {"555": 191, "111": 151, "211": 139, "311": 139, "112": 128, "212": 119}
REPEATS_BY_WEEK = {20: 1359, 21: 1414, 22: 1484, 23: 1517, 24: 1573, 25: 1672}

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, refreshed twice: to the end of the calibration period, then to the end of the log."""
    home = tmp_path_factory.mktemp("cdnow-sample")
    cdnow.deliver(home / "landing", cdnow.sample_log())
    for day in cdnow.BUSINESS_DATES:
        run_module("orchestration.refresh", "--from", str(day), "--to", str(day), home=home)
    return home


@pytest.fixture(scope="module")
def master_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All customers of the log, both deliveries in one refresh."""
    home = tmp_path_factory.mktemp("cdnow-master")
    cdnow.deliver(home / "landing", cdnow.master_log())
    first, last = (str(day) for day in cdnow.BUSINESS_DATES)
    run_module("orchestration.refresh", "--from", first, "--to", last, home=home)
    return home


def query(file: Path, sql: str) -> Rows:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def release(home: Path, as_of: date) -> Path:
    [folder] = (Settings(home=home).serving / "releases").glob(f"*-{as_of:%Y%m%d}")
    return folder / "warehouse.duckdb"


def scored(home: Path, as_of: date = cdnow.CALIBRATION_END) -> Rows:
    """Measures and scores at the end of the calibration period, as a release shows them."""
    return query(
        release(home, as_of),
        f"""
        select customer_id, recency_days, frequency_days, monetary_amount, r_score, f_score, m_score, rfm_cell
        from fct_customer_rfm
        where snapshot_date = '{cdnow.CALIBRATION_END}'
        order by customer_id
        """,
    )


def test_measures_are_those_of_the_log(sample_home: Path) -> None:
    found = scored(sample_home)
    assert len(found) == 2357
    assert sum(row[2] for row in found) == 4814
    assert sum(row[3] for row in found) == Decimal("173115.55")


def test_cut_points_are_the_golden_ones(sample_home: Path) -> None:
    found = query(
        release(sample_home, cdnow.CALIBRATION_END),
        f"""
        select measure, population, monetary_basis, scored_customers, list(cut_value order by cut_number)
        from fct_rfm_cutpoints
        where snapshot_date = '{cdnow.CALIBRATION_END}'
        group by all
        """,
    )
    assert {row[1:4] for row in found} == {("individual", "turnover_window", 2357)}
    assert {row[0]: row[4] for row in found} == CUTS


def test_scores_and_cells_are_the_golden_ones(sample_home: Path) -> None:
    found = scored(sample_home)
    for position, (score, customers) in enumerate(SCORES.items(), start=4):
        counts = Counter(row[position] for row in found)
        assert [counts[value] for value in range(1, 6)] == customers, score
    cells = Counter(row[7] for row in found)
    assert {cell: cells[cell] for cell in CELLS} == CELLS


def test_every_score_line_is_the_golden_one(sample_home: Path) -> None:
    lines = [f"{int(row[0])}|{row[4]}|{row[5]}|{row[6]}" for row in scored(sample_home)]
    text = "\n".join(sorted(lines, key=lambda line: int(line.split("|")[0])))
    assert hashlib.sha256(text.encode()).hexdigest() == SCORE_LINES_SHA256


def test_later_deliveries_leave_the_scores_of_the_past_alone(sample_home: Path) -> None:
    assert scored(sample_home, cdnow.LOG_END) == scored(sample_home, cdnow.CALIBRATION_END)


def test_cumulative_repeat_purchases_equal_the_published_ones(sample_home: Path) -> None:
    days = query(
        Settings(home=sample_home).warehouse,
        """
        select customer_id, activity_date from int_activity__customer_days
        where is_active and net_transactions > 0
        """,
    )
    first_days: dict[str, date] = {}
    for customer, day in sorted(days):
        first_days.setdefault(customer, day)
    repeats = [day for customer, day in set(days) if day > first_days[customer]]
    ends = {week: date(1997, 1, 1) + timedelta(days=7 * week - 1) for week in REPEATS_BY_WEEK}
    assert {week: sum(day <= end for day in repeats) for week, end in ends.items()} == REPEATS_BY_WEEK


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("fct_customer_tiers", "tier"),
        ("fct_customer_months", "aum_status"),
        ("fct_satisfaction_monthly", "status"),
        ("dim_customers", "value_band"),
        ("dim_customers", "aum_status"),
        ("dim_customers", "tier"),
    ],
)
def test_what_was_not_delivered_is_insufficient_data(sample_home: Path, table: str, column: str) -> None:
    for as_of in cdnow.BUSINESS_DATES:
        found = query(release(sample_home, as_of), f"select distinct {column} from {table}")
        assert found == [("insufficient_data",)]


def test_amounts_that_are_not_known_are_empty(sample_home: Path) -> None:
    found = query(
        release(sample_home, cdnow.LOG_END),
        """
        select count(aum_amount), count(aum_window_average_amount), count(loan_amount)
        from fct_customer_months
        """,
    )
    assert found == [(0, 0, 0)]


@pytest.mark.parametrize(
    "table", ["fct_alerts", "fct_alert_evaluations", "fct_complaints", "fct_survey_responses"]
)
def test_nothing_is_invented(sample_home: Path, table: str) -> None:
    """Alerting went live long after the log ended, so that no rule was evaluated and none fired."""
    assert query(release(sample_home, cdnow.LOG_END), f"select count(*) from {table}") == [(0,)]


def test_the_whole_log_reconciles_to_its_file(master_home: Path) -> None:
    log = cdnow.master_log()
    days = {(item.customer, item.day) for item in log}
    amount = sum(item.amount for item in log)
    found = query(
        Settings(home=master_home).warehouse,
        """
        select
            count(*), count(distinct customer_id), sum(transactions), sum(staged_amount), sum(amount)
        from int_activity__customer_days
        """,
    )
    assert found == [(len(days), len({item.customer for item in log}), len(log), amount, amount)]


def test_the_whole_log_is_scored(master_home: Path) -> None:
    log = [item for item in cdnow.master_log() if item.day <= cdnow.CALIBRATION_END]
    [(customers, frequency, monetary)] = query(
        release(master_home, cdnow.LOG_END),
        f"""
        select count(*), sum(frequency_days), sum(monetary_amount)
        from fct_customer_rfm
        where snapshot_date = '{cdnow.CALIBRATION_END}' and rfm_cell <> '000'
        """,
    )
    assert customers == len({item.customer for item in log})
    assert frequency == len({(item.customer, item.day) for item in log})
    assert monetary == sum(item.amount for item in log)
