"""What the contracts accept can be computed: drawn deliveries, mostly edges, through a refresh as a user runs it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.conftest import run_module
from tests.deliveries import Bank
from tests.drawn import Draw

FIRST = date(2024, 12, 20)
DAYS = [FIRST + timedelta(days=number) for number in range(67)]


@pytest.fixture(scope="module", params=[1, 2])
def drawn_home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of drawn deliveries with a release of it."""
    home = tmp_path_factory.mktemp("drawn")
    bank = Bank(home)
    filled = Draw(request.param, DAYS).deliver(bank)
    print("filled", filled)
    done = run_module("orchestration.refresh", home=home, check=False)
    print(done.stdout[-6000:], done.stderr[-3000:])
    assert done.returncode == 0
    return home


def test_it(drawn_home: Path) -> None:
    print(drawn_home)
    assert 0
