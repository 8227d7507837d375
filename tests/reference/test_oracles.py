"""Short, plain Python says the same as the marts, row for row, about the tiny bank."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.reference import alerts
from tests.reference.compare import assert_same, differences, served
from tests.reference.lake import Row, last_of_month, month_ends
from tests.reference.lifecycle import lifecycle
from tests.reference.rfm import rfm
from tests.reference.satisfaction import satisfaction, wave_months, waves
from tests.reference.tiers import tiers

BY_SNAPSHOT = ("customer_id", "snapshot_date")


def test_a_difference_is_named() -> None:
    expected: dict[str, Row] = {"same": {"n": 1}, "other": {"n": 1, "share": 0.5}, "missing": {"n": 1}}
    found: dict[str, Row] = {
        "same": {"n": 1, "unknown to the oracle": 2},
        "other": {"n": 2, "share": 0.5},
        "unexpected": {"n": 1},
    }
    assert differences(expected, found) == [
        "missing missing: {'n': 1}",
        "unexpected unexpected: {'n': 1}",
        "other: n is 2, the oracle says 1",
    ]


def test_rfm(tiny_home: Path) -> None:
    scores, cuts = rfm(tiny_home)
    assert_same(scores, served(tiny_home, "fct_customer_rfm", BY_SNAPSHOT, "is_month_end"))
    key = ("snapshot_date", "population", "measure", "cut_number")
    assert_same(cuts, served(tiny_home, "fct_rfm_cutpoints", key))


def test_tiers(tiny_home: Path) -> None:
    found = served(tiny_home, "fct_customer_tiers", BY_SNAPSHOT, "is_month_end")
    assert_same(tiers(tiny_home), found)


def test_lifecycle(tiny_home: Path) -> None:
    months = served(tiny_home, "fct_customer_months", BY_SNAPSHOT)
    assert_same(lifecycle(tiny_home, months), served(tiny_home, "fct_customer_lifecycle", BY_SNAPSHOT))


def test_satisfaction(tiny_home: Path) -> None:
    found: dict[tuple[str, date], str] = {
        (customer, last_of_month(on)): row["tier"]
        for (customer, on), row in served(tiny_home, "fct_customer_tiers", BY_SNAPSHOT).items()
    }

    def tier_of(customer: str, day: date) -> str:
        return found.get((customer, last_of_month(day)), "insufficient_data")

    on = month_ends(tiny_home)[-1]
    key = ("month_end_date", "survey_kind", "metric", "dimension", "dimension_value")
    assert_same(satisfaction(tiny_home, on, tier_of), served(tiny_home, "fct_satisfaction_monthly", key))
    place = ("branch_id", "customer_type", "tier")
    cells = waves(tiny_home, on, tier_of)
    assert_same(cells, served(tiny_home, "fct_survey_waves", ("metric", "wave_id", "month_end_date", *place)))
    months = served(tiny_home, "fct_survey_waves_monthly", ("month_end_date", "metric", *place))
    assert_same(wave_months(cells, on), months)


@pytest.mark.parametrize("rule", ["frequency_drop", "satisfaction_decline"])
def test_alert_episodes(tiny_home: Path, rule: str) -> None:
    evaluate = {
        "frequency_drop": alerts.frequency_drop,
        "satisfaction_decline": alerts.satisfaction_decline,
    }
    expected: dict[alerts.Episode, Row] = {
        episode: {} for episode in evaluate[rule](tiny_home, month_ends(tiny_home)[-1])
    }
    key = ("subject_id", "fired_date", "last_fired_date")
    assert_same(expected, served(tiny_home, "fct_alerts", key, f"rule_id = '{rule}'"))
