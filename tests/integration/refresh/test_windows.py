"""A window run equals its days run one by one, and a rebuild from the lake."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from clientele.settings import Settings
from tests.building import Warehouse

BEFORE, LAST = date(2025, 8, 12), date(2025, 9, 21)
"""Forty days over two month-ends, with an interest day, alerts and a survey wave."""


@pytest.fixture(scope="module")
def window_run(tiny_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tiny_settings, tmp_path_factory.mktemp("window"))
    warehouse.build(date(2024, 11, 1), LAST)
    return warehouse


def test_a_window_equals_its_days_one_by_one(
    tiny_settings: Settings, window_run: Warehouse, tmp_path: Path
) -> None:
    daily = Warehouse(tiny_settings, tmp_path)
    daily.build(date(2024, 11, 1), BEFORE)
    day = BEFORE
    while day < LAST:
        day += timedelta(days=1)
        daily.build(day, day)
    assert daily.checksums() == window_run.checksums()


def test_computing_a_past_day_again_changes_nothing(window_run: Warehouse) -> None:
    before = window_run.checksums()
    window_run.build(date(2025, 6, 17), date(2025, 6, 17))
    assert window_run.checksums() == before
