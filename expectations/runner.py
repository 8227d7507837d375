"""The two gates: between loading and the models, and between the models and the readers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from clientele.contracts import Contract
from clientele.settings import Settings
from expectations.checks import Check, Database
from expectations.gate_1_database import Window, describe_entity
from expectations.gate_2_database import CANDIDATE, PREVIOUS, ReleaseCandidate, attach, describe_candidate
from expectations.limits import Limits, delivery_limits, personal_data_patterns, release_limits
from expectations.results import CheckResult, Severity, Status
from expectations.suites.amounts import amount_checks
from expectations.suites.deliveries import delivery_checks
from expectations.suites.drift import drift_checks
from expectations.suites.reconciliation import reconciliation_checks
from expectations.suites.rows import row_checks
from expectations.suites.tables import table_checks

if TYPE_CHECKING:
    from expectations.engine import Verdict

GATE_1 = "gate_1"
GATE_2 = "gate_2"
Keep = Callable[[dict[str, Any]], None]


def run_gate_1(
    settings: Settings,
    contracts: Mapping[str, Contract],
    entity: str,
    first_date: date,
    last_date: date,
    limits: Limits | None = None,
    keep: Keep = lambda validation: None,
) -> list[CheckResult]:
    """Judge what was loaded of one entity for the business dates of a window.

    Args:
        settings: Where the lake is, and how much of the machine may be used.
        contracts: All contracts.
        entity: The entity to judge.
        first_date: First business date, included.
        last_date: Last business date, included; freshness is judged on it.
        limits: The policy; read from ``seeds/policy/deliveries/delivery_limits.csv`` when omitted.
        keep: Called with what Great Expectations found, as it writes it down.

    Returns:
        One result per check, in a stable order. An optional entity that was never delivered gives
        a single result that is not applicable.

    Raises:
        PolicyError: A limit is missing.
        FileNotFoundError: The lake has no schema partition of the entity.
    """
    contract, window, limits = contracts[entity], Window(first_date, last_date), limits or delivery_limits()
    loads_before = int(limits.number(last_date, "volume_history_loads", entity))
    with _scratch(settings) as folder:
        file = Path(folder) / "gate.duckdb"
        with duckdb.connect(str(file), config=_config(settings)) as connection:
            describe_entity(connection, settings.lake, contracts, contract, window, loads_before)
            if not contract.is_required and _never_delivered(connection):
                return [_absent(entity, last_date)]
            checks = row_checks(connection, contract)
            checks += delivery_checks(connection, contract, window, limits)
            checks += amount_checks(connection, settings.lake, contracts, contract, window, limits)
        return _judge(GATE_1, entity, last_date, checks, Database(file, _config(settings), {}), keep)


def run_gate_2(
    settings: Settings,
    candidate: Path,
    previous: Path | None,
    as_of: date,
    public_tables: Mapping[str, Mapping[str, str]],
    keys: Mapping[str, list[str]],
    contracts: Mapping[str, Contract],
    is_new_version: bool = False,
    limits: Limits | None = None,
    keep: Keep = lambda validation: None,
) -> list[CheckResult]:
    """Judge a release candidate before readers see it.

    Args:
        settings: How much of the machine may be used.
        candidate: DuckDB file of the candidate; opened read-only.
        previous: DuckDB file of the release that readers see now, if there is one.
        as_of: Business date the candidate is computed for.
        public_tables: Contracted columns and their types, by public table.
        keys: Key columns, by public table.
        contracts: The delivery contracts; their personal columns may not appear.
        is_new_version: The models or the policy differ from those of the previous release: changes
            are meant, so drift only warns and the date may go back.
        limits: The policy; read from ``seeds/policy/releases/release_limits.csv`` when omitted.
        keep: Called with what Great Expectations found, as it writes it down.

    Returns:
        One result per check, in a stable order.

    Raises:
        PolicyError: A limit or a pattern is missing.
        duckdb.Error: A file is not a DuckDB file.
    """
    release = ReleaseCandidate(as_of, public_tables, keys, _personal_columns(contracts), is_new_version)
    limits, patterns = limits or release_limits(), personal_data_patterns(as_of)
    attached = {CANDIDATE: candidate} | ({PREVIOUS: previous} if previous else {})
    with _scratch(settings) as folder:
        file = Path(folder) / "gate.duckdb"
        with duckdb.connect(str(file), config=_config(settings)) as connection:
            attach(connection, attached)
            describe_candidate(connection, release)
            checks = table_checks(connection, release, patterns)
            checks += reconciliation_checks(connection, release)
            checks += drift_checks(connection, release, limits)
        return _judge(GATE_2, CANDIDATE, as_of, checks, Database(file, _config(settings), attached), keep)


def _personal_columns(contracts: Mapping[str, Contract]) -> frozenset[str]:
    return frozenset(
        column.name
        for contract in contracts.values()
        for column in contract.columns
        if column.classification != "C1"
    )


@contextmanager
def _scratch(settings: Settings) -> Iterator[str]:
    """A folder for one gate, where the next run finds what a killed one left."""
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gate-", dir=settings.scratch) as folder:
        yield folder
    with suppress(OSError):  # another gate may be at work beside
        settings.scratch.rmdir()


def _config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    return {"threads": settings.threads, "memory_limit": f"{settings.memory_limit_gb}GiB"}


def _never_delivered(connection: duckdb.DuckDBPyConnection) -> bool:
    counts = connection.execute("select (from audit select count(*)) + (from refusals select count(*))")
    return counts.fetchall() == [(0,)]


def _absent(entity: str, day: date) -> CheckResult:
    return CheckResult(
        GATE_1, entity, "delivered", day, "not_applicable", "error", "never delivered", "optional entity"
    )


def _judge(
    gate: str,
    entity: str,
    day: date,
    checks: Sequence[Check],
    database: Database,
    keep: Keep,
) -> list[CheckResult]:
    """Run what can be judged and make one result of each check name."""
    # Great Expectations takes seconds to import: only where a gate runs, never with the definitions.
    from expectations import engine

    judged = [check for check in checks if not check.not_applicable]
    found = engine.evaluate(database, judged, keep)
    verdicts = dict(zip(judged, found, strict=True))
    by_name: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        by_name.setdefault((check.entity or entity, check.name), []).append(check)
    return [
        _result(gate, name, day, [(check, verdicts.get(check)) for check in group])
        for (name, _), group in by_name.items()
    ]


def _result(gate: str, entity: str, day: date, group: Sequence[tuple[Check, Verdict | None]]) -> CheckResult:
    """The worst verdict of a check's limits: a broken error limit, then a broken warn limit."""

    def result(check: Check, status: Status, observed: str, examples: tuple[str, ...] = ()) -> CheckResult:
        return CheckResult(
            gate, entity, check.name, day, status, check.severity, observed, check.expected, examples
        )

    strictest_first = sorted(group, key=lambda pair: _ORDER.index(pair[0].severity))
    for check, verdict in strictest_first:
        if verdict and not verdict.is_met:
            status: Status = "failed" if check.severity == "error" else "warned"
            return result(check, status, verdict.observed, verdict.examples)
    for check, verdict in strictest_first:
        if verdict:
            return result(check, "passed", verdict.observed)
    check = strictest_first[0][0]
    return result(check, "not_applicable", check.not_applicable)


_ORDER: tuple[Severity, ...] = ("error", "warn")
