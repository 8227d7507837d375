"""What gate 1 refused, and what arrives later puts right: the same words are not said every morning."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from expectations.results import CheckResult
from expectations.runner import run_gate_1
from orchestration import releases
from orchestration.building import warehouse
from orchestration.building.build_plan import BuildState
from orchestration.loading import landing
from orchestration.refreshes.due import due_window
from tests.deliveries import CUSTOMERS, DAY, NEXT_DAY, TRANSACTIONS, Bank, contracts

FORGOTTEN = [f"C{number},individual,2020-01-01,新" for number in range(10, 30)]
THEIRS = [f"T{number},C{number},2025-03-31 10:00:00,1.00,deposit,," for number in range(10, 30)]


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    """A bank whose customers file lacked twenty of those who did something."""
    monkeypatch.setattr(landing, "settling_seconds", lambda on: 0)
    bank = Bank(tmp_path)
    bank.deliver("customers", CUSTOMERS)
    bank.deliver("transactions", [*TRANSACTIONS, *THEIRS])
    load(bank, DAY)
    return bank


def load(bank: Bank, *days: date) -> None:
    bank.load("customers", *days)
    bank.load("transactions", *days)


def gate(bank: Bank, last: date) -> dict[str, CheckResult]:
    results = run_gate_1(bank.settings, contracts(), "transactions", DAY, last)
    return {result.check_name: result for result in results}


def failed(bank: Bank, last: date = DAY) -> list[str]:
    return [name for name, result in gate(bank, last).items() if result.status == "failed"]


def test_too_many_rejects_fail(bank: Bank) -> None:
    assert failed(bank) == ["rejected_share"]


def test_the_complete_file_of_the_day_passes(bank: Bank) -> None:
    bank.deliver("customers", [*CUSTOMERS, *FORGOTTEN])
    load(bank, DAY)
    assert failed(bank) == []


def test_those_who_come_the_day_after_pass_both_days(bank: Bank) -> None:
    bank.deliver("customers", [CUSTOMERS[0], *FORGOTTEN], NEXT_DAY)
    bank.deliver("transactions", TRANSACTIONS[:1], NEXT_DAY)
    load(bank, NEXT_DAY)
    assert failed(bank, NEXT_DAY) == []
    assert gate(bank, NEXT_DAY)["rejected_share"].observed.startswith("0 of 23 lines")


def test_a_healed_row_belongs_to_no_delivery_of_its_day(bank: Bank) -> None:
    bank.deliver("customers", [CUSTOMERS[0], *FORGOTTEN], NEXT_DAY)
    bank.load("customers", NEXT_DAY)
    bank.load("transactions", NEXT_DAY)
    assert failed(bank, NEXT_DAY) == ["freshness"], "rows of yesterday were taken for a delivery of today"


def test_a_conflict_is_reported(bank: Bank) -> None:
    bank.deliver("transactions", [TRANSACTIONS[0], TRANSACTIONS[1].replace("12.30", "99.00")], NEXT_DAY)
    load(bank, NEXT_DAY)
    conflict = gate(bank, NEXT_DAY)["no_conflict"]
    assert conflict.status == "warned"
    assert "has another amount" in conflict.examples[0]


def publish_state(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the lake as it is now had been published."""
    versions = warehouse.loaded_versions(bank.settings, contracts())
    state = BuildState("models", max(versions), versions)
    release = releases.Release("000001-20250331", bank.settings.serving)
    monkeypatch.setattr(releases, "releases", lambda settings: [release])
    monkeypatch.setattr(releases.Release, "state", state)
    monkeypatch.setattr("orchestration.building.dbt_runner.model_version", lambda: "models")


def test_what_was_loaded_and_not_published_stays_due(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh that was killed between the load and the release: landing looks as if all were done."""
    publish_state(bank, monkeypatch)
    assert due_window(bank.settings, contracts()) is None
    bank.deliver("customers", [*CUSTOMERS, *FORGOTTEN])
    bank.load("customers")
    assert landing.pending(bank.settings, contracts()) == {}
    due = due_window(bank.settings, contracts())
    assert due
    assert (due.first, due.last) == (DAY, DAY)


def test_the_days_that_were_judged_again_are_gated_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = warehouse.loaded_versions(bank.settings, contracts())
    state = BuildState("models", DAY, versions)
    assert warehouse.unbuilt_dates(bank.settings, "transactions", state) == set()
    bank.deliver("customers", [*CUSTOMERS, *FORGOTTEN])
    load(bank, DAY)
    assert warehouse.unbuilt_dates(bank.settings, "transactions", state) == {DAY}


def test_a_delivery_that_is_still_written_is_not_due(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_state(bank, monkeypatch)
    bank.deliver("customers", [*CUSTOMERS, *FORGOTTEN])
    assert due_window(bank.settings, contracts())
    monkeypatch.setattr(landing, "settling_seconds", lambda on: 60)
    assert due_window(bank.settings, contracts()) is None
