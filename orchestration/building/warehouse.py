"""The warehouse that dbt builds in, and what it was built from."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from clientele import state_files
from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration import lake
from orchestration.building import dbt_runner
from orchestration.building.build_plan import BuildState
from orchestration.loading import landing


def state_file(settings: Settings) -> Path:
    """Where is written what the warehouse was last built from."""
    return settings.warehouse.parent / "state.json"


def built_state(settings: Settings) -> BuildState | None:
    """What the warehouse was built from; None if there is no warehouse that can be read.

    A state without its file, or a file that is no database any more, is no warehouse: it is built anew.
    """
    if not is_database(settings.warehouse):
        return None
    return BuildState.read(state_file(settings))


def is_database(file: Path) -> bool:
    """Whether DuckDB can open a file."""
    if not file.is_file():
        return False
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            connection.execute("select count(*) from duckdb_tables()").fetchall()
    except duckdb.ConnectionException:
        return True  # this process has it open with other settings
    except duckdb.IOException as error:
        return "lock" in str(error).lower()  # another process has it open for writing
    except duckdb.Error:
        return False
    return True


def remember(settings: Settings, state: BuildState) -> None:
    """Write what the warehouse was built from."""
    state_files.write_text(state_file(settings), state.to_json())


def remove(settings: Settings) -> None:
    """Remove the warehouse, its state first, so that a half removed one is never taken for whole."""
    state_file(settings).unlink(missing_ok=True)
    if settings.warehouse.parent.exists():
        shutil.rmtree(settings.warehouse.parent)


def loaded_versions(settings: Settings, contracts: Mapping[str, Contract]) -> dict[date, str]:
    """Version of everything the lake holds for a business date, by date.

    A delivered entity reads ``entity:version``, one with nothing but healed rows ``entity~version``.
    """
    versions: dict[date, list[str]] = {}
    for entity in sorted(contracts):
        for day, held in lake.committed(settings, entity).items():
            mark = "~" if held.content == lake.NOTHING else ":"
            versions.setdefault(day, []).append(f"{entity}{mark}{held.version}")
    return {day: " ".join(parts) for day, parts in versions.items()}


def delivered_dates(state: BuildState | None, entity: str) -> set[date]:
    """The dates on which a warehouse or release was built from a delivery of an entity."""
    deliveries = state.deliveries if state else {}
    return {
        day for day, said in deliveries.items() if any(part.startswith(f"{entity}:") for part in said.split())
    }


def unbuilt_dates(settings: Settings, entity: str, state: BuildState) -> set[date]:
    """The dates of an entity that hold something else than the warehouse was built from."""
    return {
        day
        for day, held in lake.committed(settings, entity).items()
        if held.version not in {part[len(entity) + 1 :] for part in _parts(state, day, entity)}
    }


def is_rebuild_ahead(settings: Settings, contracts: Mapping[str, Contract]) -> bool:
    """Whether the next build starts from nothing, and so takes in the whole lake again."""
    state = built_state(settings)
    if state is None or state.model_version != dbt_runner.model_version():
        return True
    firsts = [landing.deliveries(settings, contract)[:1] for contract in contracts.values()]
    return any(delivery.business_date < min(state.deliveries) for first in firsts for delivery in first)


def _parts(state: BuildState, day: date, entity: str) -> list[str]:
    parts = state.deliveries.get(day, "").split()
    return [part for part in parts if part.startswith((f"{entity}:", f"{entity}~"))]
