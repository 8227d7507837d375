"""The parts of the gates that need no lake: policy, patterns, and how verdicts become results."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import load_contracts
from clientele.policy import POLICY, PolicyError, csv_files, holidays
from clientele.settings import ROOT
from expectations.checks import Check, Database, no_rows
from expectations.limits import (
    Limit,
    Limits,
    delivery_limits,
    personal_data_patterns,
    release_limits,
)
from expectations.results import Severity
from expectations.suites.amounts import MEASURES as AMOUNT_MEASURES
from expectations.suites.amounts import SETTINGS
from expectations.suites.deliveries import _MEASURES

DAY = date(2025, 12, 31)
RATIO, SHARE = "volume_min_ratio", "rejected_max_share"


@pytest.fixture
def limits(tmp_path: Path) -> Callable[..., Limits]:
    """Limits as shipped, with the rows of one measure replaced."""
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))

    def replaced(measure: str, *rows: str) -> Limits:
        file = csv_files(folder)["delivery_limits"]
        header, *lines = csv_files()["delivery_limits"].read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.split(",")[1] != measure]
        changed = [row.replace(",share,", f",{measure},", 1) for row in rows]
        file.write_text("\n".join([header, *kept, *changed]) + "\n", encoding="utf-8")
        return delivery_limits(folder)

    return replaced


def test_the_row_of_the_entity_replaces_the_row_of_all(limits: Callable[..., Limits]) -> None:
    policy = limits(SHARE, "*,share,,0.1,warn,o,r,2020-01-01,", "points,share,,0.2,error,o,r,2020-01-01,")
    assert policy.on(DAY, SHARE, "points") == [Limit(Decimal("0.2"), "error")]
    assert policy.on(DAY, SHARE, "accounts") == [Limit(Decimal("0.1"), "warn")]


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2025, 1, 1), 1), (date(2025, 6, 30), 1), (date(2025, 7, 1), 2), (date(2099, 1, 1), 2)],
)
def test_the_row_in_force_on_the_day_is_used(limits: Callable[..., Limits], day: date, value: int) -> None:
    policy = limits(SHARE, "*,share,,1,error,o,r,2025-01-01,2025-06-30", "*,share,,2,error,o,r,2025-07-01,")
    assert policy.number(day, SHARE) == value


def test_a_missing_row_is_an_error_that_names_it(limits: Callable[..., Limits]) -> None:
    policy = limits(SHARE, "*,share,,1,error,o,r,2025-01-01,")
    with pytest.raises(
        PolicyError,
        match=r"delivery_limits\.csv: no row for points \w+ .* 2024-12-31; add one",
    ):
        policy.on(date(2024, 12, 31), SHARE, "points")


def test_a_setting_with_two_rows_is_an_error(limits: Callable[..., Limits]) -> None:
    policy = limits(SHARE, "*,share,,1,error,o,r,2025-01-01,", "*,share,,2,warn,o,r,2025-01-01,")
    with pytest.raises(PolicyError, match="exactly one row"):
        policy.number(DAY, SHARE)


NEW_YEAR = date(2025, 1, 1)
WEDNESDAY = date(2025, 1, 8)
SATURDAY = date(2025, 1, 11)
SUNDAY = date(2025, 1, 12)
MAKE_UP_SUNDAY = date(2025, 1, 26)
HOLIDAY_SUNDAY = date(2025, 2, 2)
UNKNOWN_NEW_YEAR = date(2099, 1, 1)

CLOSER_AND_CLOSER = (
    "*,share,,1,error,o,r,1990-01-01,",
    "*,share,weekend,2,error,o,r,1990-01-01,",
    "*,share,sunday,3,error,o,r,1990-01-01,",
    "*,share,holiday,4,error,o,r,1990-01-01,",
    "*,share,,5,error,o,r,2025-02-03,2025-02-03",
    "*,share,,6,error,o,r,2025-02-09,2025-02-09",
)


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (WEDNESDAY, 1),
        (SATURDAY, 2),
        (SUNDAY, 3),
        (MAKE_UP_SUNDAY, 1),
        (NEW_YEAR, 4),
        (HOLIDAY_SUNDAY, 4),
        (date(2025, 2, 3), 5),  # a holiday, and a row of its own
        (date(2025, 2, 9), 6),  # a Sunday, and a row of its own
        (UNKNOWN_NEW_YEAR, 1),  # a Thursday: nobody knows the holidays of that year
    ],
)
def test_the_row_that_is_meant_most_closely_for_the_day_is_used(
    limits: Callable[..., Limits], day: date, value: int
) -> None:
    policy = limits(RATIO, *CLOSER_AND_CLOSER)
    assert policy.on(day, RATIO, "points") == [Limit(Decimal(value), "error")]


def test_any_row_of_the_entity_comes_before_the_closest_row_of_all(limits: Callable[..., Limits]) -> None:
    policy = limits(RATIO, *CLOSER_AND_CLOSER, "points,share,,7,warn,o,r,1990-01-01,")
    for day in (WEDNESDAY, NEW_YEAR, date(2025, 2, 3)):
        assert policy.on(day, RATIO, "points") == [Limit(Decimal(7), "warn")]
        assert policy.on(day, RATIO, "accounts") != [Limit(Decimal(7), "warn")]


def test_a_closer_row_replaces_both_severities(limits: Callable[..., Limits]) -> None:
    policy = limits(
        RATIO,
        "*,share,,0.1,error,o,r,1990-01-01,",
        "*,share,,0.3,warn,o,r,1990-01-01,",
        "*,share,holiday,0.2,warn,o,r,1990-01-01,",
    )
    assert [limit.severity for limit in policy.on(WEDNESDAY, RATIO)] == ["error", "warn"]
    assert policy.on(NEW_YEAR, RATIO) == [Limit(Decimal("0.2"), "warn")]


def test_the_shipped_holidays_know_every_year_they_speak_for() -> None:
    known = holidays()
    assert (known.years.start, known.years.stop) == (2018, 2027)
    assert known.kinds_of(date(2026, 2, 17)) == ["holiday", "tuesday"]
    assert known.kinds_of(date(2026, 2, 14)) == []  # a Saturday that is worked
    assert known.kinds_of(date(2026, 2, 28)) == ["month_end"]  # and one that ends a month
    assert known.kinds_of(date(2024, 2, 29)) == ["month_end", "thursday"]
    assert known.kinds_of(date(2025, 8, 31)) == ["month_end", "sunday", "weekend"]
    for day, kind in known.kinds.items():
        assert kind == "holiday" or day.weekday() >= 5, f"{day} is worked on any week"


def test_the_policy_has_every_limit_for_every_entity() -> None:
    policy = delivery_limits()
    measures = (*_MEASURES, *SETTINGS, *AMOUNT_MEASURES, "freshness_max_days", "volume_history_loads")
    for entity in load_contracts():
        for measure in measures:
            assert policy.on(DAY, measure, entity)
    for required in ("customers", "transactions"):
        assert policy.on(DAY, "freshness_max_days", required) == [Limit(Decimal(0), "error")]
    assert release_limits().number(DAY, "drift_max_gap_days") == 35


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("13912345678", {"mobile number"}),
        ("电话13912345678，请回电", {"mobile number"}),
        ("+86 13912345678", {"mobile number"}),
        ("call 13912345678.", {"mobile number"}),
        ('{"phone": "19912345678"}', {"mobile number"}),
        ("12912345678", set()),
        ("139123456789", set()),
        ("1391234567", set()),
        ('{"aum_amount": 13912345678.00}', set()),
        ("0.13912345678", set()),
        ("a13912345678", set()),
        ("11010119900101123X", {"identity number"}),
        ("证件999999199001011234。", {"identity number", "card number"}),
        ("11010119901301123X", set()),
        ("6222020200112233", {"card number"}),
        ("卡号6222020200112233445", {"card number"}),
        ("622202020011223", set()),
        ("62220202001122334455", set()),
        ("0.6222020200112233", set()),
        ("9f86d081884c7d659a2feaa0c55ad015", set()),
        ("20251231T050000-1a2b3c4d", set()),
        ("C0000000001", set()),
        ("2025-12-31 23:59:59.123456", set()),
    ],
)
def test_the_patterns_find_personal_data_and_nothing_else(text: str, kinds: set[str]) -> None:
    found = {
        pattern.name
        for pattern in personal_data_patterns(DAY)
        if len(text) >= pattern.minimum_length
        and duckdb.execute("select regexp_matches(?, ?)", [text, pattern.pattern]).fetchall() == [(True,)]
    }
    assert found == kinds


def check(severity: Severity = "error", not_applicable: str = "") -> Check:
    return no_rows("c", "t", "select 1", f"{severity} limit", "fine", severity, not_applicable)


@pytest.mark.parametrize(
    ("error_is_met", "warn_is_met", "status", "severity"),
    [
        (True, True, "passed", "error"),
        (True, False, "warned", "warn"),
        (False, False, "failed", "error"),
        (False, True, "failed", "error"),
    ],
)
def test_the_worst_broken_limit_of_a_measure_decides(
    error_is_met: bool, warn_is_met: bool, status: str, severity: str
) -> None:
    from expectations.engine import Verdict
    from expectations.runner import _result

    group = [
        (check("warn"), Verdict(warn_is_met, "seen")),
        (check("error"), Verdict(error_is_met, "seen")),
    ]
    result = _result("gate_1", "points", DAY, group)
    assert (result.status, result.severity, result.expected) == (status, severity, f"{severity} limit")


def test_a_check_that_cannot_be_judged_is_never_passed() -> None:
    from expectations.runner import _result

    result = _result("gate_1", "points", DAY, [(check(not_applicable="no row was delivered"), None)])
    assert (result.status, result.observed) == ("not_applicable", "no row was delivered")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "judged.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table t as select i, 'a:b{2}' as text from range(9) as ids(i)")
    return file


def test_a_query_reaches_the_database_as_it_is_written(database: Path) -> None:
    from expectations.engine import Verdict, evaluate

    sql = "select i::varchar as i, ' :x' as y from t where text ~ '^(?:a:b{1}[{]2[}])$' and i > 2"
    verdicts = evaluate(Database(database, {}, {}), [no_rows("c", "t", sql, "none")])
    assert verdicts == [
        Verdict(False, "6 offending rows", tuple(f"i={number}, y= :x" for number in range(3, 8)))
    ]


def test_an_expectation_that_raises_is_not_met(database: Path) -> None:
    from expectations.engine import evaluate

    broken = no_rows("broken", "t", "select nothing from t", "none")
    good = no_rows("good", "t", "select i from t where i < 0", "none", "none found")
    verdicts = evaluate(Database(database, {}, {}), [broken, good])
    assert [verdict.is_met for verdict in verdicts] == [False, True]
    assert verdicts[0].observed.startswith("could not be evaluated:")
    assert "nothing" in verdicts[0].observed


def test_an_expectation_that_was_not_evaluated_is_not_met(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from great_expectations.datasource.fluent.interfaces import Batch

    from expectations.engine import evaluate

    class Nothing:
        results: tuple[object, ...] = ()
        success = True

        def to_json_dict(self) -> dict[str, list[object]]:
            return {"results": []}

    monkeypatch.setattr(Batch, "validate", lambda *_, **__: Nothing())
    (verdict,) = evaluate(Database(database, {}, {}), [no_rows("c", "t", "select 1 where false", "none")])
    assert (verdict.is_met, verdict.observed) == (False, "not evaluated by Great Expectations")


def test_importing_the_gates_does_not_import_great_expectations() -> None:
    code = "import sys, expectations.runner; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
