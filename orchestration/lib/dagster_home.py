"""Dagster's instance: run history in SQLite, one writer, nothing sent anywhere."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from orchestration.settings import Settings

EVENT_BATCH = 1000
POOL_LIMIT = 1


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
            "module": "orchestration.lib.event_storage",
            "class": "BatchedSqliteEventLogStorage",
            "config": {"base_dir": str(home / "events")},
        },
        "concurrency": {"pools": {"default_limit": POOL_LIMIT}, "runs": {"max_concurrent_runs": 1}},
    }
    text = yaml.safe_dump(content, sort_keys=False)
    file = home / "dagster.yaml"
    if not file.exists() or file.read_text() != text:
        file.write_text(text)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = str(EVENT_BATCH)
    return home
