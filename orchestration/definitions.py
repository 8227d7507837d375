"""Everything Dagster runs, put together; nothing is read or written before Dagster asks for it."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

from clientele.contracts import load_contracts
from clientele.private import protect
from clientele.settings import Settings
from orchestration.building import dbt_runner
from orchestration.defs import schedules
from orchestration.defs.dashboards.assets import GROUP, dashboards, dashboards_job
from orchestration.defs.dashboards.sensor import dashboards_changed
from orchestration.defs.dbt.assets import DbtResource, dbt_models
from orchestration.defs.landing.assets import raw_asset
from orchestration.defs.landing.partitions import business_dates
from orchestration.defs.mail import failure_mail
from orchestration.defs.publish.assets import release, release_candidate
from orchestration.defs.quality.gates import gate_1, gate_2
from orchestration.defs.resources import RefreshResource
from orchestration.processes.refresh_lock import with_the_lock

REFRESH_JOB = "refresh"


@dg.definitions
def clientele() -> dg.Definitions:
    """The data flow, from landing to release."""
    settings, contracts = Settings.from_env(), load_contracts()
    protect(settings)
    manifest, guard = dbt_runner.manifest(settings), with_the_lock(settings)
    partitions, today = business_dates(settings, contracts), datetime.now(UTC).date()
    refresh_job = dg.define_asset_job(
        REFRESH_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.groups(GROUP),
        partitions_def=partitions,
        description="Load, check, compute, check again and publish the chosen business dates.",
    )
    superset = dashboards(manifest)
    return dg.Definitions(
        assets=[
            *(raw_asset(contract, partitions) for contract in contracts.values()),
            dbt_models(manifest),
            release_candidate(manifest),
            release(today),
            superset,
        ],
        asset_checks=[*(gate_1(contract) for contract in contracts.values()), gate_2],
        jobs=[refresh_job, dashboards_job()],
        schedules=[schedules.morning(REFRESH_JOB, today)],
        sensors=[
            schedules.arrival(REFRESH_JOB),
            dashboards_changed(sorted(superset.keys)),
            *failure_mail(settings),
        ],
        resources={
            "refresh": RefreshResource(),
            "dbt": DbtResource(
                project_dir=str(dbt_runner.PROJECT),
                profiles_dir=str(dbt_runner.PROJECT),
                # Not dbt itself, but what ends dbt with the run that started it (D-31).
                dbt_executable=guard[0],
                global_config_flags=[*guard[1:], dbt_runner.executable()],
            ),
        },
        # One process per run, so that one lock covers it from the first load to the release (D-07).
        executor=dg.in_process_executor,
    )
