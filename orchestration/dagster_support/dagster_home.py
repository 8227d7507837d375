"""Dagster's instance: run history in SQLite, nothing sent anywhere.

No limit on runs or pools: a killed run would keep its place in them for ever. The refresh lock, which ends
with its process, lets one refresh run at a time (D-07).
"""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from clientele.settings import Settings

EVENT_BATCH = 1000


PROCESS_TAG = "clientele/process"


def close_killed_runs(instance: DagsterInstance) -> None:
    """Report runs as failed whose process is gone, so that nobody waits for them.

    Args:
        instance: The instance; the caller holds the refresh lock.
    """
    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED])):
        process = run.tags.get(PROCESS_TAG)
        if process and not Path(f"/proc/{process}").exists():
            instance.report_run_failed(run, f"process {process} was killed")


def prepare(settings: Settings) -> Path:
    """Write ``dagster.yaml`` and point this process at it.

    Args:
        settings: Where Dagster's state lives.

    Returns:
        The Dagster home.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    content = {
        "telemetry": {"enabled": False},
        "event_log_storage": {
            "module": "orchestration.dagster_support.event_storage",
            "class": "BatchedSqliteEventLogStorage",
            "config": {"base_dir": str(home / "events")},
        },
    }
    text = yaml.safe_dump(content, sort_keys=False)
    file = home / "dagster.yaml"
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = str(EVENT_BATCH)
    return home
