"""What every step of a refresh shares: settings, contracts, the lock, and the row of the refresh."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import dagster as dg

from clientele import policy
from clientele.contracts import Contract, load_contracts
from clientele.private import protect
from clientele.settings import Settings
from expectations import data_docs
from expectations.data_docs import RefreshRecord
from expectations.results import CheckResult
from orchestration import releases
from orchestration.building import dbt_runner, warehouse
from orchestration.building.build_plan import BuildPlan, BuildState, plan_build
from orchestration.loading import landing
from orchestration.processes.refresh_lock import refresh_lock
from orchestration.refreshes import operations, scratch
from orchestration.refreshes.operations import CheckRecord, Refresh

LOCK_WAIT_SECONDS = 3600
"""A run from schedule or UI waits for a refresh from the command line, and the other way round."""


class RefreshResource(dg.ConfigurableResource[object]):
    """Holds the refresh lock for the whole run; runs are executed in one process (D-07)."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of this process."""
        return Settings.from_env()

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        """The delivery contracts."""
        return load_contracts()

    @cached_property
    def manifest(self) -> dbt_runner.Manifest:
        """The manifest of the models as they are now."""
        return dbt_runner.manifest(self.settings)

    @cached_property
    def is_rebuild_ahead(self) -> bool:
        """Whether this run builds the warehouse from nothing, as it looked before anything was loaded."""
        return warehouse.is_rebuild_ahead(self.settings, self.contracts)

    @cached_property
    def published_state(self) -> BuildState | None:
        """What readers' newest release, or else the warehouse, was built from when this run began."""
        published = releases.releases(self.settings)
        return published[-1].state if published else warehouse.built_state(self.settings)

    @cached_property
    def settling_seconds(self) -> int:
        """How long a file without a control file must be left alone before it counts as delivered."""
        return landing.settling_seconds(utc_now().date())

    def plan(self, first: date, last: date) -> BuildPlan:
        """What the models have to compute; the same for every step of the run, whatever was built meanwhile.

        Args:
            first: First business date of the run.
            last: Last business date of the run.
        """
        if (first, last) not in self._plans:
            self._plans[first, last] = plan_build(
                warehouse.built_state(self.settings),
                warehouse.loaded_versions(self.settings, self.contracts),
                dbt_runner.model_version(),
                first,
                last,
            )
        return self._plans[first, last]

    @cached_property
    def _results(self) -> dict[str, list[CheckResult]]:
        return {}

    @cached_property
    def _validations(self) -> dict[str, list[dict[str, Any]]]:
        return {}

    def _write_pages(self, run_id: str) -> None:
        row = operations.load(self.settings, run_id)
        record = RefreshRecord(
            refresh_id=run_id,
            started_at=row.started_at,
            as_of=row.as_of_date,
            release_id=row.release_id if row.published_at else None,
            results=[result for results in self._results.values() for result in results],
            validations=self._validations,
        )
        kept = int(policy.parameter("refresh", "data_docs_kept", utc_now().date()))
        data_docs.write(self.settings.data_docs, record, kept)

    @cached_property
    def _plans(self) -> dict[tuple[date, date], BuildPlan]:
        return {}

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RefreshResource]:
        """Take the lock and open the row of the refresh."""
        protect(self.settings)
        os.environ.update(dbt_runner.environment(self.settings))
        with refresh_lock(self.settings, LOCK_WAIT_SECONDS):
            policy.check()
            scratch.sweep(self.settings)
            releases.repair(self.settings)
            operations.ensure_schemas(self.settings)
            if context.run_id:
                operations.save(self.settings, Refresh(context.run_id, started_at=utc_now()))
            yield self
            if context.run_id:
                self._write_pages(context.run_id)
            scratch.sweep(self.settings)

    def keep(self, stage: str) -> Callable[[dict[str, Any]], None]:
        """Where a gate puts what Great Expectations wrote down, for the pages about the refresh."""
        return self._validations.setdefault(stage, []).append

    def record_checks(self, run_id: str, stage: str, results: list[CheckResult]) -> None:
        """Keep what a gate or the tests of the models found, for ``fct_data_quality`` and for the pages."""
        self._results[stage] = results
        now = utc_now()
        operations.record(
            self.settings,
            run_id,
            stage,
            [
                CheckRecord(
                    refresh_id=run_id,
                    checked_at=now,
                    gate=result.gate,
                    entity=result.entity,
                    check_name=result.check_name,
                    business_date=result.business_date,
                    status=result.status,
                    severity=result.severity,
                    observed=result.observed,
                    expected=result.expected,
                )
                for result in results
            ],
        )


def utc_now() -> datetime:
    """The time of an operation, UTC; never part of a number about customers."""
    return datetime.now(UTC).replace(tzinfo=None)
