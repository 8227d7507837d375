"""What a finished refresh reports to the person who started it."""

from __future__ import annotations

from collections import defaultdict

import dagster as dg
import duckdb
from dagster_shared.error import SerializableErrorInfo

from clientele.settings import Settings
from orchestration import releases
from orchestration.refreshes import operations
from orchestration.refreshes.failures import advice, still_shown

_STAGES = (("raw__", "load"), ("gate_1", "gate 1"), ("models", "models"), ("serving__", "release"))


def summarise(
    settings: Settings, instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult, seconds: float
) -> str:
    """Rows, checks, alerts, release and time per stage of a published refresh.

    Args:
        settings: Where the release is.
        instance: The Dagster instance of the run.
        result: The run.
        seconds: Wall time of the whole command, in seconds.

    Returns:
        Text of a few lines.
    """
    row = operations.load(settings, result.run_id)
    release = releases.current(settings)
    assert release is not None
    with duckdb.connect(str(release.file), read_only=True) as connection:
        alerts = connection.execute(
            "select alert_family_label, count(*) from fct_alerts "
            "where state = 'firing' group by all order by all"
        ).fetchall()
    stages = "  ".join(f"{stage} {spent:.0f} s" for stage, spent in _stage_seconds(instance, result).items())
    return "\n".join(
        [
            f"published   release {release.id}, data as of {row.as_of_date}",
            f"rows        {row.rows_loaded:,} loaded, {row.rows_rejected:,} rejected, "
            f"{row.rows_healed:,} accepted after waiting",
            f"checks      {row.checks_passed} passed, {row.checks_warned} warned, {row.checks_failed} failed",
            "alerts      " + (", ".join(f"{label}: {count} open" for label, count in alerts) or "none open"),
            f"time        {seconds:.0f} s  ({stages})",
        ]
    )


def explain_failure(
    settings: Settings, instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult
) -> str:
    """What failed and what to do, for a refresh that did not publish.

    Args:
        settings: Where releases are.
        instance: The Dagster instance of the run.
        result: The run.

    Returns:
        Text of a few lines; names file, line, column and reason where a delivery is at fault.
    """
    lines = ["error: the refresh was not published"]
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                lines.append(f"{event.step_key}: {data.user_failure_data.description}")
            elif data.error and "blocking" not in data.error.message.lower():
                lines.append(f"{event.step_key}: {_why(settings, data.error)}")
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
                asset = evaluation.asset_key.to_user_string()
                lines.append(f"{asset} {evaluation.check_name}: {evaluation.description}")
        if event.event_type == dg.DagsterEventType.PIPELINE_FAILURE:
            error = event.job_failure_data.error
            if error and len(lines) == 1:
                lines.append(_why(settings, error))
    lines.append(still_shown(settings))
    return "\n".join(lines)


def _why(settings: Settings, error: SerializableErrorInfo) -> str:
    """The innermost message of an error, and what to do about it where that is known."""
    messages = [error.message]
    while error.cause:
        error = error.cause
        messages.append(error.message)
    return (
        advice(settings, "\n".join(messages))
        or messages[-1].strip().partition(": ")[2]
        or messages[-1].strip()
    )


def _stage_seconds(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    for step in instance.get_run_step_stats(result.run_id):
        stage = next((stage for part, stage in _STAGES if part in step.step_key), "other")
        if step.start_time and step.end_time:
            spent[stage] += step.end_time - step.start_time
    return dict(spent)
