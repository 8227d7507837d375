"""Gate 2 on a release that is good, and on the same release with one thing wrong at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from clientele.contracts import load_contracts
from clientele.settings import Settings
from expectations.results import CheckResult
from expectations.runner import run_gate_2

AS_OF = date(2025, 12, 31)
EARLIER = date(2025, 12, 30)
CONTRACTS = load_contracts()

KEYS = {
    "dim_customers": ["customer_id"],
    "fct_customer_months": ["customer_id", "snapshot_date"],
    "fct_customer_rfm": ["customer_id", "snapshot_date"],
    "fct_customer_tiers": ["customer_id", "snapshot_date"],
    "fct_customer_lifecycle": ["customer_id", "snapshot_date"],
    "fct_survey_responses": ["response_id"],
    "fct_satisfaction_monthly": ["month_end_date", "survey_kind", "metric", "dimension", "dimension_value"],
    "fct_alerts": ["alert_id"],
}

Gate = Callable[..., dict[tuple[str, str], CheckResult]]


def build_release(file: Path, as_of: date, customers: int = 400, snapshots: int = 3) -> None:
    """A consistent release: the public tables that the gate reads, filled by formula."""
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"""
            create temp table classified as
            select 'C' || lpad(i::varchar, 7, '0') as customer_id, snapshot_date,
                ['gold', 'silver', 'basic'][1 + (hash(i) % 3)::int] as tier,
                ['champions', 'loyal', 'at_risk', 'not_scored'][1 + (hash(i, 1) % 4)::int] as segment,
                ['growth', 'mature', 'dormant'][1 + (hash(i, 2) % 3)::int] as lifecycle_stage,
                (hash(i, 3) % 10000000 / 100)::decimal(18,2) as aum_amount
            from range({customers}) as ids(i)
            cross join (
                select date '{as_of}' as snapshot_date
                union all
                select last_day(date '{as_of}' - to_months(1 + n::int))::date
                from range({snapshots - 1}) as months(n)
            );
            create table fct_customer_months as select customer_id, snapshot_date, aum_amount from classified;
            create table fct_customer_rfm as select customer_id, snapshot_date, segment from classified;
            create table fct_customer_tiers as select customer_id, snapshot_date, tier from classified;
            create table fct_customer_lifecycle as
                select customer_id, snapshot_date, lifecycle_stage from classified;
            create table dim_customers as
                select * exclude (snapshot_date), '城东支行 East' as branch_name
                from classified where snapshot_date = date '{as_of}';
            create table fct_portfolio_monthly as
                select snapshot_date, tier, segment, lifecycle_stage, count(*) as customers,
                    sum(aum_amount) as aum_amount
                from classified group by all;
            create table fct_survey_responses as
                select 'R' || i as response_id, 'nps' as metric, 'periodic' as survey_kind,
                    last_day(date '{as_of}') as month_end_date, true as is_counted,
                    (i % 3 = 0)::int as promoters, (i % 3 = 1)::int as passives,
                    (i % 3 = 2)::int as detractors
                from range(90) as ids(i);
            create table fct_satisfaction_monthly as
                select last_day(date '{as_of}') as month_end_date, 'periodic' as survey_kind, metric,
                    'bank' as dimension, 'bank' as dimension_value, responses, mean_score, 'ok' as status
                from (values ('nps', 90::bigint, 7.5::double), ('csat', 80, 4.1), ('ces', 70, 5.2))
                    as scores(metric, responses, mean_score);
            create table fct_alerts as
                select md5(i::varchar) as alert_id, date '{as_of}' - (i % 60)::int as fired_date,
                    '{{"active_days": 3, "aum_amount": 13912345678.25}}' as evidence_json
                from range(600) as ids(i);
            """
        )


def public_tables(file: Path) -> dict[str, dict[str, str]]:
    """The contract of a release, as dbt's manifest would give it: types in lower case."""
    with duckdb.connect(str(file), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in columns:
        tables.setdefault(table, {})[column] = kind.lower()
    return tables


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("releases")
    build_release(folder / "candidate.duckdb", AS_OF)
    build_release(folder / "previous.duckdb", EARLIER)
    return folder


@pytest.fixture
def gate(releases: Path, tmp_path: Path) -> Gate:
    """Corrupt copies of the candidate and the previous release with SQL, and judge them."""

    def run(
        candidate: str = "", previous: str | None = "", as_of: date = AS_OF, is_new_version: bool = False
    ) -> dict[tuple[str, str], CheckResult]:
        files = {}
        for name, sql in (("candidate", candidate), ("previous", previous or "")):
            files[name] = tmp_path / name / "warehouse.duckdb"
            files[name].parent.mkdir()
            shutil.copy(releases / f"{name}.duckdb", files[name])
            with duckdb.connect(str(files[name])) as connection:
                connection.execute(sql or "select 1")
        results = run_gate_2(
            Settings(home=tmp_path),
            files["candidate"],
            None if previous is None else files["previous"],
            as_of,
            public_tables(releases / "candidate.duckdb"),
            KEYS,
            CONTRACTS,
            is_new_version=is_new_version,
        )
        assert len({(result.entity, result.check_name) for result in results}) == len(results)
        return {(result.entity, result.check_name): result for result in results}

    return run


def fired(results: dict[tuple[str, str], CheckResult]) -> dict[tuple[str, str], str]:
    """What did not pass, without what could not be judged."""
    return {key: result.status for key, result in results.items() if result.status in ("failed", "warned")}


def test_a_good_release_passes_every_check(gate: Gate) -> None:
    results = gate()
    assert fired(results) == {}
    not_applicable = {key for key, result in results.items() if result.status == "not_applicable"}
    assert not_applicable == {
        ("fct_portfolio_monthly", "key_unique"),
        ("fct_portfolio_monthly", "key_not_null"),
        ("candidate", "drift__aum_unexplained_pct"),
    }
    assert results["dim_customers", "customers_match"].observed == "400 customers"
    assert {result.business_date for result in results.values()} == {AS_OF}


def test_the_first_release_has_nothing_to_drift_from(gate: Gate) -> None:
    results = gate(previous=None)
    assert fired(results) == {}
    drift = [result for (_, name), result in results.items() if name.startswith(("drift__", "as_of"))]
    assert {result.status for result in drift} == {"not_applicable"}
    assert len(drift) == 14


CORRUPTIONS = {
    "a table too many": (
        "create table stg_customers (i integer)",
        {("candidate", "only_public_tables")},
    ),
    "a table in another schema": (
        "create schema staging; create table staging.notes (i integer)",
        {("candidate", "only_public_tables")},
    ),
    "a view on a table": (
        "create view everybody as from dim_customers",
        {("candidate", "only_public_tables")},
    ),
    "a column too many": (
        "alter table fct_alerts add column note integer",
        {("fct_alerts", "columns")},
    ),
    "a personal column": (
        "alter table fct_alerts add column Phone integer",
        {("fct_alerts", "columns"), ("candidate", "no_personal_columns")},
    ),
    "a column of another type": (
        "alter table dim_customers alter aum_amount type double",
        {("dim_customers", "columns")},
    ),
    "a row twice": (
        "insert into fct_alerts from fct_alerts where fired_date = date '2025-12-01' limit 1",
        {("fct_alerts", "key_unique")},
    ),
    "a key without a value": (
        "update fct_alerts set alert_id = null where rowid = 3",
        {("fct_alerts", "key_not_null")},
    ),
    "a mobile number in a sentence": (
        "update fct_alerts set evidence_json = '电话13912345678。' where rowid = 3",
        {("fct_alerts", "no_personal_data")},
    ),
    "a mobile number at the end of a sentence": (
        "update fct_alerts set evidence_json = 'call 13912345678.' where rowid = 3",
        {("fct_alerts", "no_personal_data")},
    ),
    "an identity number": (
        "update dim_customers set branch_name = 'x 99010119900101123X' where rowid = 0",
        {("dim_customers", "no_personal_data")},
    ),
    "a card number": (
        "update dim_customers set branch_name = '6222020200112233' where rowid = 0",
        {("dim_customers", "no_personal_data")},
    ),
    "a day too old": (
        "update fct_portfolio_monthly set snapshot_date = snapshot_date - 2 "
        "where snapshot_date = date '2025-12-31'; "
        + "; ".join(
            f"update {table} set snapshot_date = snapshot_date - 2 where snapshot_date = date '2025-12-31'"
            for table in KEYS
            if table.startswith("fct_customer_")
        ),
        {("fct_portfolio_monthly", "latest_snapshot")},
    ),
    "a customer missing in a mart": (
        (
            "update fct_customer_months set aum_amount = aum_amount + "
            "(select aum_amount from dim_customers where customer_id = 'C0000007') "
            "where customer_id = 'C0000008' and snapshot_date = date '2025-12-31'; "
            "delete from fct_customer_months "
            "where customer_id = 'C0000007' and snapshot_date = date '2025-12-31'"
        ),
        {("fct_customer_months", "customers_match")},
    ),
    "a customer missing in the dimension": (
        "delete from dim_customers where customer_id = 'C0000007'",
        {
            ("dim_customers", "customers_match"),
            ("dim_customers", "tier_matches"),
            ("dim_customers", "segment_matches"),
            ("dim_customers", "lifecycle_stage_matches"),
        },
    ),
    "a cent too much": (
        (
            "update fct_customer_months set aum_amount = aum_amount + 0.01 "
            "where customer_id = 'C0000007' and snapshot_date = date '2025-12-31'"
        ),
        {("fct_portfolio_monthly", "aum_matches")},
    ),
    "a customer of another tier": (
        (
            "update fct_customer_tiers set tier = 'platinum' "
            "where customer_id = 'C0000007' and snapshot_date = date '2025-11-30'"
        ),
        {("fct_customer_tiers", "tier_total_and_exclusive")},
    ),
    "a customer without a stage": (
        (
            "update fct_customer_lifecycle set lifecycle_stage = null "
            "where customer_id = 'C0000007' and snapshot_date = date '2025-12-31'"
        ),
        {("fct_customer_lifecycle", "lifecycle_stage_total_and_exclusive")},
    ),
    "a customer without a segment": (
        "update fct_customer_rfm set segment = null where customer_id = 'C0000007'",
        {("fct_customer_rfm", "segment_total_and_exclusive")},
    ),
    "an answer that is nothing": (
        "update fct_survey_responses set promoters = 0 where response_id = 'R0'",
        {("fct_survey_responses", "nps_answers_add_up")},
    ),
    "an answer that is two things": (
        "update fct_survey_responses set passives = 1 where response_id = 'R0'",
        {("fct_survey_responses", "nps_answers_add_up")},
    ),
    "a month with an answer too few": (
        "update fct_satisfaction_monthly set responses = 89 where metric = 'nps'",
        {("fct_satisfaction_monthly", "nps_months_match")},
    ),
    "another scale of satisfaction": (
        "update fct_satisfaction_monthly set mean_score = 9.1 where metric = 'csat'",
        {("candidate", "drift__survey_mean_change_csat")},
    ),
    "an avalanche of alerts": (
        "insert into fct_alerts select md5('x' || i), date '2025-12-31', '{}' from range(250) as ids(i)",
        {("candidate", "drift__alert_volume_ratio")},
    ),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_fires_its_check_and_no_other(gate: Gate, name: str) -> None:
    sql, expected = CORRUPTIONS[name]
    results = gate(sql)
    assert fired(results) == dict.fromkeys(expected, "failed")
    assert all(1 <= len(results[key].examples) <= 5 for key in expected)


DRIFTS = {
    "tiers moved": (
        "update fct_portfolio_monthly set tier = 'silver' where tier = 'gold'",
        {"drift__tier_share_change_pp": "failed", "drift__tier_psi": "failed"},
    ),
    "segments moved": (
        (
            "update fct_portfolio_monthly set segment = 'loyal' where segment = 'champions' "
            "and lifecycle_stage <> 'dormant'"
        ),
        {"drift__segment_share_change_pp": "warned", "drift__segment_psi": "warned"},
    ),
    "customers lost": (
        "update fct_portfolio_monthly set customers = customers * 10",
        {"drift__customers_decrease_pct": "failed", "drift__amount_count_ratio": "warned"},
    ),
    "alerts a little up": (
        "delete from fct_alerts where rowid % 5 > 0",
        {},
    ),
    "the mean score a little down": (
        "update fct_satisfaction_monthly set mean_score = mean_score + 1.2 where metric = 'nps'",
        {"drift__survey_mean_change_nps": "warned"},
    ),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_a_change_since_the_previous_release_is_judged_by_its_limits(gate: Gate, name: str) -> None:
    sql, expected = DRIFTS[name]
    results = gate(previous=sql)
    assert {check: status for (_, check), status in fired(results).items()} == expected


def test_a_new_version_of_the_models_only_warns_of_drift(gate: Gate) -> None:
    results = gate(previous=DRIFTS["tiers moved"][0], is_new_version=True)
    assert fired(results) == {
        ("candidate", "drift__tier_share_change_pp"): "warned",
        ("candidate", "drift__tier_psi"): "warned",
    }
    assert results["candidate", "as_of_not_backwards"].status == "not_applicable"


def test_a_release_may_not_go_back_in_time(gate: Gate) -> None:
    results = gate(
        previous="update fct_portfolio_monthly set snapshot_date = '2026-01-01' "
        "where snapshot_date = '2025-12-30'"
    )
    assert fired(results) == {("candidate", "as_of_not_backwards"): "failed"}
    assert results["candidate", "drift__tier_psi"].status == "not_applicable"


def test_releases_far_apart_are_not_compared(gate: Gate) -> None:
    results = gate(
        previous="delete from fct_portfolio_monthly where snapshot_date > '2025-11-30'; "
        "update fct_portfolio_monthly set snapshot_date = snapshot_date - 60"
    )
    assert fired(results) == {}
    assert "limits apply to a gap of at most 35 days" in results["candidate", "drift__tier_psi"].observed


def test_a_missing_table_fails_and_so_does_all_that_reads_it(gate: Gate) -> None:
    failed = fired(gate("drop table fct_customer_tiers"))
    assert failed[("candidate", "only_public_tables")] == "failed"
    assert failed[("fct_customer_tiers", "tier_total_and_exclusive")] == "failed"


def test_an_expectation_that_cannot_run_is_a_failure_with_its_message(gate: Gate) -> None:
    results = gate("alter table fct_customer_tiers drop column tier")
    result = results["fct_customer_tiers", "tier_total_and_exclusive"]
    assert result.status == "failed"
    assert "could not be evaluated" in result.observed
    assert "tier" in result.observed


def test_a_failed_check_of_personal_data_does_not_repeat_it(gate: Gate) -> None:
    result = gate(CORRUPTIONS["a mobile number in a sentence"][0])["fct_alerts", "no_personal_data"]
    assert result.examples == ("column_name=evidence_json, looks_like=mobile number, values=1",)


def test_the_files_can_be_written_again_after_the_gate(gate: Gate, tmp_path: Path) -> None:
    gate()
    for name in ("candidate", "previous"):
        with duckdb.connect(str(tmp_path / name / "warehouse.duckdb")) as connection:
            connection.execute("create table written (i integer)")
