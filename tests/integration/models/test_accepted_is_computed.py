"""What the contracts accept can be computed: drawn deliveries, mostly edges, through a refresh as users run it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import load_contracts
from clientele.settings import Settings
from tests.conftest import Shared, run_module
from tests.deliveries import Bank
from tests.drawn import Draw
from tests.reference.compare import assert_same, served
from tests.reference.lifecycle import lifecycle
from tests.reference.rfm import rfm
from tests.reference.tiers import tiers

FIRST = date(2024, 12, 20)
DAYS = [FIRST + timedelta(days=number) for number in range(67)]
"""Over two month-ends; two banks of fifteen entities make 2,010 deliveries."""
BY_SNAPSHOT = ("customer_id", "snapshot_date")
SIGNED = ("change", "net_", "nps", "difference", "change_")
"""Parts of the names of numbers that may be negative; so may balances."""


@pytest.fixture(scope="module", params=[1, 2])
def drawn_home(request: pytest.FixtureRequest, shared: Shared) -> Path:
    """A bank of drawn deliveries, refreshed by the command that users run; it ends well or fails here."""

    def fill(home: Path) -> None:
        filled = Draw(request.param, DAYS).deliver(Bank(home))
        assert filled == len(DAYS) * len(load_contracts())
        run_module("orchestration.refresh", home=home)

    return shared(f"drawn-{request.param}", fill)


def test_every_drawn_row_is_accepted(drawn_home: Path) -> None:
    rejected = [entity for entity in load_contracts() if (drawn_home / "lake" / "rejects" / entity).exists()]
    lake = Bank(drawn_home)
    assert [
        (entity, *reject)
        for entity in rejected
        for reject in lake.rejects(entity)
    ] == []


def test_the_oracles_say_the_same(drawn_home: Path) -> None:
    months = served(drawn_home, "fct_customer_months", BY_SNAPSHOT)
    assert_same(lifecycle(drawn_home, months), served(drawn_home, "fct_customer_lifecycle", BY_SNAPSHOT))
    scores, _ = rfm(drawn_home)
    assert_same(scores, served(drawn_home, "fct_customer_rfm", BY_SNAPSHOT, "is_month_end"))
    assert_same(tiers(drawn_home), served(drawn_home, "fct_customer_tiers", BY_SNAPSHOT, "is_month_end"))


def test_nothing_counted_is_negative(drawn_home: Path) -> None:
    file = Settings(home=drawn_home).serving / "current" / "warehouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as release:
        whole = release.execute(
            "select table_name, column_name from duckdb_columns() where data_type in ('INTEGER', 'BIGINT')"
        ).fetchall()
        lowest = {
            f"{table}.{column}": release.execute(f"select min({column}) from {table}").fetchall()[0][0]
            for table, column in whole
            if not any(part in column for part in SIGNED)
        }
    assert len(lowest) > 100
    assert {name: value for name, value in lowest.items() if value is not None and value < 0} == {}
