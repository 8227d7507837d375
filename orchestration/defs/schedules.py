"""When a refresh starts: every morning, and as soon as a day is delivered."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from clientele import policy
from clientele.contracts import load_contracts
from clientele.settings import Settings
from orchestration.refreshes.due import due_window

ARRIVAL_SECONDS = 60


def _requests() -> Iterator[dg.RunRequest | dg.SkipReason]:
    settings, contracts = Settings.from_env(), load_contracts()
    due = due_window(settings, contracts)
    if due is None:
        yield dg.SkipReason("every delivered day is published, or a required entity has not arrived yet")
        return
    yield dg.RunRequest(
        run_key=due.key,
        tags={
            "dagster/asset_partition_range_start": str(due.first),
            "dagster/asset_partition_range_end": str(due.last),
        },
    )


def morning(job_name: str, on: date) -> dg.ScheduleDefinition:
    """The morning refresh, at the time and in the time zone of policy.

    Args:
        job_name: Name of the refresh job.
        on: The day whose policy applies.
    """

    @dg.schedule(
        name="morning_refresh",
        job_name=job_name,
        cron_schedule=policy.parameter("refresh", "schedule", on),
        execution_timezone=policy.parameter("refresh", "time_zone", on),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Refresh every delivered day that is not published yet.",
    )
    def morning_refresh() -> Iterator[dg.RunRequest | dg.SkipReason]:
        yield from _requests()

    return morning_refresh


def arrival(job_name: str) -> dg.SensorDefinition:
    """A refresh when all required entities of a day have arrived, or a day was delivered again."""

    @dg.sensor(
        name="delivery_arrived",
        job_name=job_name,
        minimum_interval_seconds=ARRIVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="All required entities of a business date lie in landing.",
    )
    def delivery_arrived() -> Iterator[dg.RunRequest | dg.SkipReason]:
        yield from _requests()

    return delivery_arrived
