"""The release candidate and the release."""

from dataclasses import replace
from datetime import date, timedelta

import dagster as dg
import duckdb

from clientele import policy
from orchestration import releases
from orchestration.building.dbt_runner import Manifest
from orchestration.defs.landing.assets import OWNERS, run_window
from orchestration.defs.resources import RefreshResource, utc_now
from orchestration.refreshes import operations

CANDIDATE = dg.AssetKey(["serving", "release_candidate"])
RECORDS = ("fct_refreshes", "fct_data_quality")
"""Public tables that grow while a refresh runs: what it did, not what it found."""


def release_candidate(manifest: Manifest) -> dg.AssetsDefinition:
    """The public tables in a file of their own, not yet visible to readers."""

    @dg.asset(
        key=CANDIDATE,
        description="The public tables of the warehouse in one file, not yet visible to anybody.",
        group_name="serving",
        owners=OWNERS,
        kinds={"duckdb"},
        deps=[dg.AssetKey([name]) for name in sorted(manifest.public_models)],
    )
    def build(context: dg.AssetExecutionContext, refresh: RefreshResource) -> dg.MaterializeResult[None]:
        settings = refresh.settings
        file = releases.build_candidate(settings, context.run_id, refresh.manifest.public_keys())
        with duckdb.connect(str(file), read_only=True) as connection:
            counts = {
                table: _count(connection, f"select count(*) from {table}")
                for table in refresh.manifest.public_models
            }
            opened = _count(connection, "select count(*) from fct_alerts where fired_date = as_of_date")
        operations.save(settings, replace(operations.load(settings, context.run_id), alerts_opened=opened))
        return dg.MaterializeResult(metadata={f"rows/{table}": count for table, count in counts.items()})

    return build


def release(on: date) -> dg.AssetsDefinition:
    """What readers see, due at the hour that policy names.

    Args:
        on: The day whose policy applies.
    """

    @dg.asset(
        key=["serving", "release"],
        description="What readers see: the checked candidate behind one link, and the releases before it.",
        group_name="serving",
        owners=OWNERS,
        kinds={"duckdb"},
        deps=[CANDIDATE],
        freshness_policy=dg.FreshnessPolicy.cron(
            deadline_cron=policy.parameter("refresh", "ready_by", on),
            lower_bound_delta=timedelta(days=1),
            timezone=policy.parameter("refresh", "time_zone", on),
        ),
    )
    def publish(context: dg.AssetExecutionContext, refresh: RefreshResource) -> dg.MaterializeResult[None]:
        # The records of the refresh are completed in the candidate before anybody sees it.
        settings = refresh.settings
        state = refresh.plan(*run_window(context)).target
        candidate = releases.candidate_file(settings, context.run_id)
        release_id = releases.next_id(settings, state)
        row = operations.load(settings, context.run_id)
        operations.save(settings, replace(row, release_id=release_id, published_at=utc_now()))
        keys = refresh.manifest.public_keys()
        releases.copy_again(settings, candidate, {table: keys[table] for table in RECORDS})
        published = releases.publish(settings, candidate, release_id, state)
        return dg.MaterializeResult(
            metadata={
                "release": published.id,
                "as_of_date": str(state.as_of),
                "bytes": published.file.stat().st_size,
            }
        )

    return publish


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
