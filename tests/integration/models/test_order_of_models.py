"""Days that come late, out of order and again, with parents that were forgotten, end in the same tables."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from clientele.contracts import load_contracts, load_order
from clientele.settings import Settings
from orchestration.loading import loader
from tests.building import Warehouse

FIRST, BASE = date(2024, 11, 1), date(2025, 9, 26)
DAYS = [date(2025, 9, day) for day in (27, 28, 29, 30)] + [date(2025, 10, day) for day in (1, 2)]
"""Six days over a month-end, after eleven months that came as they should."""
LATE = 12
"""Customers whose first delivery of the year is put off into these days."""


def load(settings: Settings, first: date, last: date) -> int:
    """Load what is delivered for a window, as a refresh does; returns how many rows had waited."""
    contracts, healed = load_contracts(), 0
    for entity in load_order(contracts):
        folder = settings.landing / entity
        found = [date.fromisoformat(item.name) for item in folder.iterdir()] if folder.is_dir() else []
        days = [day for day in found if first <= day <= last]
        healed += loader.load(settings, contracts[entity], days, contracts, lambda text: None).healed
    return healed


def customers_of(landing: Path, day: date) -> Path:
    return landing / "customers" / str(day) / "customers.csv"


def put_off_some_customers(landing: Path, draw: random.Random) -> None:
    """Customers are delivered on one of the last days only, and have been doing things for months."""
    active = {
        line.split(b",")[1]
        for day in DAYS
        for file in (landing / "transactions" / str(day)).iterdir()
        if file.suffix == ".csv"
        for line in file.read_bytes().split(b"\n")[1:-1]
    }
    late = set(draw.sample(sorted(active), LATE))
    kept: dict[bytes, bytes] = {}
    for folder in sorted((landing / "customers").iterdir()):
        file = folder / "customers.csv"
        header, *lines = file.read_bytes().split(b"\n")[:-1]
        kept |= {line.split(b",")[0]: line for line in lines if line.split(b",")[0] in late}
        own = [line for line in lines if line.split(b",")[0] not in late]
        file.write_bytes(b"\n".join([header, *own]) + b"\n")
    for line in kept.values():
        file = customers_of(landing, draw.choice(DAYS))
        file.write_bytes(file.read_bytes() + line + b"\n")


@pytest.fixture(scope="module")
def late_landing(tiny_landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    landing = tmp_path_factory.mktemp("late") / "landing"
    shutil.copytree(tiny_landing / "landing", landing)
    for folder in landing.glob("*/*/"):
        if folder.name > str(DAYS[-1]):
            shutil.rmtree(folder)
    for control in landing.rglob("*.ctl"):
        control.unlink()
    put_off_some_customers(landing, random.Random(3))
    return landing


def test_any_order_of_days_gives_the_tables_of_a_window(late_landing: Path, tmp_path: Path) -> None:
    window = Settings(home=tmp_path / "window")
    shutil.copytree(late_landing, window.landing)
    assert load(window, FIRST, DAYS[-1]) > LATE
    expected = Warehouse(window, tmp_path / "window-built")
    expected.build(FIRST, DAYS[-1])

    apart = Settings(home=tmp_path / "apart")
    shutil.copytree(late_landing, apart.landing)
    load(apart, FIRST, BASE)
    built = Warehouse(apart, tmp_path / "apart-built")
    built.build(FIRST, BASE)
    complete = customers_of(apart.landing, DAYS[3]).read_bytes()
    customers_of(apart.landing, DAYS[3]).write_bytes(complete.partition(b"\n")[0] + b"\n")
    # The second day before the first, the fourth without its customers, and those at the very end.
    for number in (1, 0, 2, 3, 5, 4):
        load(apart, DAYS[number], DAYS[number])
        built.build(DAYS[number], DAYS[number])
    customers_of(apart.landing, DAYS[3]).write_bytes(complete)
    load(apart, DAYS[3], DAYS[3])
    built.build(DAYS[3], DAYS[3])

    assert built.checksums() == expected.checksums()
