"""Sets Superset up again when its files, or the policy values in them, have changed."""

import json

import dagster as dg

from clientele.settings import Settings
from orchestration.defs.dashboards.assets import JOB, PROVISION, call_superset
from orchestration.serve import SUPERSET_PYTHON

LOOK_SECONDS = 60


def dashboards_changed(keys: list[dg.AssetKey]) -> dg.SensorDefinition:
    """Starts the job when something changed, and notes set-ups outside Dagster, such as by `make serve`.

    Args:
        keys: The assets of the job.
    """

    @dg.sensor(
        name="dashboards_changed",
        job_name=JOB,
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="The dashboards' files, or the policy values in them, differ from what Superset shows.",
    )
    def changed(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        state = Settings.from_env().superset_home / "provisioned.json"
        if not (SUPERSET_PYTHON.exists() and state.exists()):
            return dg.SensorResult(skip_reason="Superset is not set up here; run `make serve` first")
        pending = call_superset(PROVISION, "--pending")
        if pending:
            # Once for each change: what fails is told by its run, not tried again every minute.
            return dg.SensorResult(run_requests=[dg.RunRequest(run_key=pending)], cursor=pending)
        shown = str(json.loads(state.read_text(encoding="utf-8"))["fingerprint"])
        if (context.cursor or "").startswith(shown):
            return dg.SensorResult(skip_reason="Superset is up to date with its files")
        return dg.SensorResult(
            asset_events=[dg.AssetMaterialization(asset_key=key) for key in keys], cursor=shown
        )

    return changed
