"""Gate 1 on a lake that is good, and on the same lake with one thing wrong at a time."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from clientele import policy
from clientele.contracts import load_contracts
from clientele.policy import POLICY
from clientele.settings import Settings
from expectations.limits import delivery_limits
from expectations.results import CheckResult
from expectations.runner import run_gate_1
from orchestration import lake

CONTRACTS = load_contracts()
FIRST = date(2025, 3, 1)
LAST = date(2025, 3, 12)
DAYS = (LAST - FIRST).days + 1
ROWS = 120
"""Transactions a day: enough for the volume to be judged."""

VALUES = {
    "branches": {"branch_id": "'B' || i", "branch_name": "'支行' || i"},
    "customers": {
        "customer_id": "'C' || i",
        "customer_type": "'individual'",
        "opened_on": "date '2020-01-01'",
        "phone": "'13912345678'",
        "birth_date": "date '1990-01-01'",
        "branch_id": "'B' || (i % 3)",
    },
    "transactions": {
        "transaction_id": "'T' || strftime(day, '%m%d') || '-' || i",
        "customer_id": "'C' || (i % 50)",
        "occurred_at": "day + to_seconds(i)",
        "amount": "(i % 120) / 100",
        "transaction_type": "'deposit'",
        "currency": "'CNY'",
        "channel": "case when i % 2 = 0 then 'app' end",
    },
    "survey_responses": {
        "response_id": "'R' || i",
        "customer_id": "'C' || i",
        "survey_kind": "'periodic'",
        "wave_id": "'W1'",
        "metric": "'csat'",
        "sent_at": "day::timestamp",
        "score": "1 + i % 5",
    },
}

Gate = Callable[..., dict[str, CheckResult]]


def deliver(settings: Settings, entity: str, day: date, rows: int, rejected: int = 0) -> None:
    """Put a delivery into the lake as the loader would: rows, rejected lines and audit."""
    columns = ", ".join(
        f"({VALUES[entity].get(column.name, 'null')})::{column.type} as {column.name}"
        for column in CONTRACTS[entity].columns
    )
    raw = lake.partition(settings, "raw", entity, day) / "v1.parquet"
    raw.parent.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {columns}, '{entity}.csv' as source_file, i + 2 as source_line "
            f"from range({rows}) as ids(i), (select date '{day}' as day)) to '{raw}'"
        )
    rejects = [
        {"entity": entity, "file": f"{entity}.csv", "line": rows + 2 + number, "reason": "odd"}
        for number in range(rejected)
    ]
    lake.write(lake.partition(settings, "rejects", entity, day) / "v1.parquet", lake.REJECTS, rejects)
    audit = {
        "entity": entity,
        "file": f"{entity}.csv",
        "lines": rows + rejected,
        "loaded": rows,
        "rejected": rejected,
        "status": "loaded",
    }
    lake.write(lake.partition(settings, "audit", entity, day) / "v1.parquet", lake.AUDIT, [audit])


@pytest.fixture(scope="module")
def good_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    lake.ensure_schemas(settings, CONTRACTS)
    deliver(settings, "branches", FIRST, 3)
    deliver(settings, "survey_responses", LAST, 20)
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        deliver(settings, "customers", day, 50)
        deliver(settings, "transactions", day, ROWS)
    return settings.home


@pytest.fixture
def settings(good_lake: Path, tmp_path: Path) -> Settings:
    """A copy of the good lake that a test may spoil."""
    shutil.copytree(good_lake, tmp_path, dirs_exist_ok=True)
    return Settings(home=tmp_path)


@pytest.fixture
def gate(settings: Settings) -> Gate:
    def run(entity: str = "transactions", first: date = FIRST, last: date = LAST) -> dict[str, CheckResult]:
        results = run_gate_1(settings, CONTRACTS, entity, first, last)
        assert len({result.check_name for result in results}) == len(results)
        return {result.check_name: result for result in results}

    return run


def rewrite(settings: Settings, kind: str, entity: str, day: date, select: str) -> None:
    """Replace the file of a partition by a query on it."""
    file = lake.partition(settings, kind, entity, day) / "v1.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table delivery as from read_parquet('{file}', hive_partitioning = false)")
        connection.execute(f"copy ({select}) to '{file}'")


def fired(results: dict[str, CheckResult]) -> dict[str, str]:
    """What did not pass, without what could not be judged."""
    return {name: result.status for name, result in results.items() if result.status in ("failed", "warned")}


def test_a_good_lake_passes_every_check(gate: Gate) -> None:
    results = gate()
    assert fired(results) == {}
    not_applicable = {name for name, result in results.items() if result.status == "not_applicable"}
    assert not_applicable == {"reference__account_id", "reference__product_id"}
    assert results["required__amount"].observed == f"{ROWS * DAYS:,} of {ROWS * DAYS:,} rows have a value"
    assert results["volume"].observed == "at least 100.0% in 5 deliveries"
    assert {result.business_date for result in results.values()} == {LAST}


@pytest.mark.parametrize("entity", ["customers", "branches", "survey_responses"])
def test_the_other_entities_pass_too(gate: Gate, entity: str) -> None:
    assert fired(gate(entity)) == {}


def test_an_entity_never_delivered_is_one_result_that_is_not_applicable(gate: Gate) -> None:
    (result,) = gate("complaints").values()
    assert (result.check_name, result.status) == ("delivered", "not_applicable")


def test_a_required_entity_never_delivered_fails(settings: Settings, gate: Gate) -> None:
    for kind in ("raw", "rejects", "audit"):
        for day in lake.partitions(settings, kind, "customers"):
            shutil.rmtree(lake.partition(settings, kind, "customers", day))
    results = gate("customers")
    assert fired(results) == {"freshness": "failed"}
    assert results["required__customer_id"].status == "not_applicable"


def replaced(column: str, value: str, line: int = 17) -> str:
    """The delivery with another value in one line."""
    changed = f"case when source_line = {line} then {value} else {column} end"
    return f"select * replace ({changed} as {column}) from delivery"


CORRUPTIONS = {
    "a column of another type": (
        "raw",
        "select * replace (amount::varchar as amount) from delivery",
        "schema",
        "column_name=amount, found=VARCHAR, contracted=DECIMAL(18,2)",
    ),
    "a column is missing": (
        "raw",
        "select * exclude (channel) from delivery",
        "schema",
        "column_name=channel, found=nothing, contracted=VARCHAR",
    ),
    "a column too many": (
        "raw",
        "select *, 1 as mood from delivery",
        "schema",
        "column_name=mood, found=INTEGER, contracted=nothing",
    ),
    "a key twice": (
        "raw",
        replaced("transaction_id", "'T0309-1'"),
        "key_unique",
        "business_date=2025-03-09, transaction_id=T0309-1, times=2",
    ),
    "a required value is missing": (
        "raw",
        replaced("transaction_type", "null"),
        "required__transaction_type",
        "file=transactions.csv, line=17, business_date=2025-03-09",
    ),
    "a value outside the list": (
        "raw",
        replaced("channel", "'pigeon'"),
        "allowed__channel",
        "file=transactions.csv, line=17, business_date=2025-03-09, channel=pigeon",
    ),
    "a text of another shape": (
        "raw",
        replaced("currency", "'RMB1'"),
        "pattern__currency",
        "file=transactions.csv, line=17, business_date=2025-03-09, currency=RMB1",
    ),
    "a number below the minimum": (
        "raw",
        replaced("amount", "-0.01::decimal(18,2)"),
        "minimum__amount",
        "file=transactions.csv, line=17, business_date=2025-03-09, amount=-0.01",
    ),
    "a time after the delivery": (
        "raw",
        replaced("occurred_at", "timestamp '2025-03-10 00:00:00'"),
        "not_after_delivery__occurred_at",
        "file=transactions.csv, line=17, business_date=2025-03-09, occurred_at=2025-03-10 00:00:00",
    ),
    "an unknown customer": (
        "raw",
        replaced("customer_id", "'C999'"),
        "reference__customer_id",
        "file=transactions.csv, line=17, business_date=2025-03-09, customer_id=C999",
    ),
    "a row lost after loading": (
        "raw",
        "select * from delivery where source_line <> 17",
        "lake_matches_audit",
        "business_date=2025-03-09, file=transactions.csv, loaded=120, rows_found=119, rejected=0",
    ),
    "a line unaccounted for": (
        "audit",
        "select * replace (lines + 1 as lines) from delivery",
        "lines_add_up",
        "business_date=2025-03-09, file=transactions.csv, lines=121, loaded=120, rejected=0",
    ),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_fires_its_check_and_no_other(settings: Settings, gate: Gate, name: str) -> None:
    kind, select, check, example = CORRUPTIONS[name]
    rewrite(settings, kind, "transactions", date(2025, 3, 9), select)
    results = gate()
    assert fired(results) == {check: "failed"}
    assert example in results[check].examples[0]
    assert results[check].is_blocking


def test_a_broken_row_rule_fires(settings: Settings, gate: Gate) -> None:
    rewrite(settings, "raw", "survey_responses", LAST, replaced("score", "6::integer"))
    assert fired(gate("survey_responses")) == {"row_rule__score": "failed"}


def test_neither_an_example_nor_what_is_kept_shows_a_personal_value(settings: Settings) -> None:
    rewrite(settings, "raw", "customers", LAST, replaced("birth_date", "date '2025-04-01'"))
    kept: list[dict[str, Any]] = []
    results = {
        result.check_name: result
        for result in run_gate_1(settings, CONTRACTS, "customers", FIRST, LAST, keep=kept.append)
    }
    assert fired(results) == {"not_after_delivery__birth_date": "failed"}
    assert [validation["success"] for validation in kept] == [False]
    assert "2025-04-01" not in json.dumps(kept)
    assert results["not_after_delivery__birth_date"].examples == (
        "file=customers.csv, line=17, business_date=2025-03-12",
    )


def test_a_customer_delivered_a_day_later_was_not_known(settings: Settings, gate: Gate) -> None:
    for kind in ("raw", "rejects", "audit"):
        for day in lake.partitions(settings, kind, "customers"):
            if FIRST < day < date(2025, 3, 9):
                shutil.rmtree(lake.partition(settings, kind, "customers", day))
    rewrite(settings, "raw", "customers", FIRST, "select * from delivery where customer_id <> 'C7'")
    results = gate(last=date(2025, 3, 8))
    assert fired(results) == {"reference__customer_id": "failed"}
    assert fired(gate(first=date(2025, 3, 9))) == {}


def test_dates_outside_the_window_are_not_judged(settings: Settings, gate: Gate) -> None:
    rewrite(settings, "raw", "transactions", date(2025, 3, 9), replaced("amount", "null"))
    assert fired(gate(first=date(2025, 3, 10))) == {}
    assert fired(gate(last=date(2025, 3, 8))) == {}
    assert fired(gate(first=date(2025, 3, 9), last=date(2025, 3, 9))) == {"required__amount": "failed"}


def test_a_required_delivery_that_did_not_come_is_not_fresh(gate: Gate) -> None:
    results = gate(first=LAST, last=LAST + timedelta(days=1))
    assert fired(results) == {"freshness": "failed"}
    assert results["freshness"].examples == ("latest_delivery=2025-03-12, days_before=1",)


def test_an_optional_feed_only_warns_when_it_is_silent_too_long(gate: Gate) -> None:
    on_the_limit = LAST + timedelta(days=92)
    assert fired(gate("survey_responses", on_the_limit, on_the_limit)) == {}
    over = on_the_limit + timedelta(days=1)
    assert fired(gate("survey_responses", over, over)) == {"freshness": "warned"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(30, {}), (29, {"volume": "warned"}), (12, {"volume": "warned"}), (11, {"volume": "failed"})],
)
def test_a_small_delivery_is_judged_against_the_median_before_it(
    settings: Settings, gate: Gate, rows: int, expected: dict[str, str]
) -> None:
    replace_delivery(settings, rows)
    assert fired(gate()) == expected


def test_volume_is_not_applicable_with_too_little_history(gate: Gate) -> None:
    results = gate(last=FIRST + timedelta(days=6))
    assert results["volume"].status == "not_applicable"
    assert gate(last=FIRST + timedelta(days=7))["volume"].status == "passed"


@pytest.mark.parametrize(
    ("rows", "rejected", "expected"),
    [(795, 5, {}), (794, 6, {}), (594, 6, {}), (593, 6, {"rejected_share": "failed"}), (115, 5, {})],
)
def test_a_delivery_over_the_rejected_share_blocks(
    settings: Settings, gate: Gate, rows: int, rejected: int, expected: dict[str, str]
) -> None:
    replace_delivery(settings, rows, rejected)
    assert fired(gate()) == expected


def test_a_refused_delivery_blocks_until_it_is_settled(settings: Settings, gate: Gate) -> None:
    refusal = lake.Refusal("transactions", LAST, "transactions.csv", None, "checksum differs", "abc")
    lake.refuse(settings, [refusal])
    results = gate()
    assert fired(results) == {"no_refusal": "failed"}
    assert "reason=checksum differs" in results["no_refusal"].examples[0]
    assert fired(gate(last=LAST - timedelta(days=1))) == {}


def test_a_file_that_is_not_parquet_stops_the_gate(settings: Settings, gate: Gate) -> None:
    (lake.partition(settings, "raw", "transactions", LAST) / "v1.parquet").write_bytes(b"not parquet")
    with pytest.raises(duckdb.Error):
        gate()


def test_nothing_is_sent_and_nothing_is_written(
    gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a gate opened a connection to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert fired(gate(first=LAST)) == {}
    assert sorted(tmp_path.rglob("*")) == before
    assert capfd.readouterr() == ("", "")


def replace_delivery(settings: Settings, rows: int, rejected: int = 0) -> None:
    """Deliver the last day again, in another size."""
    for kind in ("raw", "rejects", "audit"):
        shutil.rmtree(lake.partition(settings, kind, "transactions", LAST))
    deliver(settings, "transactions", LAST, rows, rejected)


def shift(settings: Settings, last: date) -> None:
    """Move all deliveries so that the last one is of a given day; only how much came is judged."""
    deliveries = sorted(day for day in lake.partitions(settings, "raw", "transactions"))
    for kind in ("raw", "rejects", "audit"):
        for day in deliveries:
            shutil.rmtree(lake.partition(settings, kind, "transactions", day))
    for number in range(DAYS - 1):
        deliver(settings, "transactions", last - timedelta(days=number + 1), ROWS)
    deliver(settings, "transactions", last, 0)


def volume(settings: Settings, day: date, policy_folder: Path = POLICY) -> CheckResult:
    results = run_gate_1(settings, CONTRACTS, "transactions", day, day, delivery_limits(policy_folder))
    [result] = [result for result in results if result.check_name == "volume"]
    return result


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2025, 1, 1), "warned"),  # New Year, a Wednesday
        (date(2025, 2, 2), "warned"),  # Spring Festival, a Sunday
        (date(2025, 1, 26), "failed"),  # a Sunday worked to make up for it
        (date(2025, 1, 12), "failed"),  # any Sunday
        (date(2025, 1, 8), "failed"),  # any Wednesday
    ],
)
def test_a_delivery_without_rows_passes_on_a_holiday_and_stays_visible(
    settings: Settings, day: date, status: str
) -> None:
    shift(settings, day)
    result = volume(settings, day)
    assert result.status == status
    assert f"business_date={day}, loaded=0, median_before=120.0, share_of_median=0.0" in result.examples[0]


@pytest.mark.parametrize("day", [LAST, date(2031, 1, 1)])
def test_adding_the_line_that_the_message_names_lets_the_day_pass(
    settings: Settings, tmp_path: Path, day: date
) -> None:
    shift(settings, day)
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))
    result = volume(settings, day, folder)
    assert result.status == "failed"
    told, line = result.examples[0].split("\n")
    assert told.endswith(
        "add this line with its owner and reason to seeds/policy/deliveries/delivery_limits.csv="
    )
    assert ("note=holidays are known from 2018 to 2026" in told) == (day.year == 2031)
    assert line == f"transactions,volume_min_ratio,,0,error,<owner>,<reason>,{day},{day}"
    with policy.csv_files(folder)["delivery_limits"].open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    policy.check(folder)
    assert volume(settings, day, folder).status == "passed"
    after = day + timedelta(days=1)
    deliver(settings, "transactions", after, 0)
    assert volume(settings, after, folder).status == "failed"
