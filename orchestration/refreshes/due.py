"""Which business dates a refresh is due for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration import releases
from orchestration.building import dbt_runner, warehouse
from orchestration.building.build_plan import BuildState
from orchestration.loading import landing


@dataclass(frozen=True)
class DueWindow:
    """Business dates to refresh.

    Attributes:
        first: First business date.
        last: Last business date.
        reason: Why, in words.
        key: Equal for the same reason to refresh, so that a refresh is requested only once.
    """

    first: date
    last: date
    reason: str
    key: str


def complete_dates(settings: Settings, contracts: Mapping[str, Contract]) -> list[date]:
    """Business dates for which every required entity was delivered, oldest first."""
    required = [contract for contract in contracts.values() if contract.is_required]
    settling = landing.settling_seconds(datetime.now(UTC).date())
    delivered = [
        {
            delivery.business_date
            for delivery in landing.deliveries(settings, contract)
            if not landing.is_growing(delivery, settling)
        }
        for contract in required
    ]
    return sorted(set.intersection(*delivered))


def due_window(settings: Settings, contracts: Mapping[str, Contract]) -> DueWindow | None:
    """The dates that are delivered and not published; None when there are none.

    A date counts as soon as all required entities are there. The newest release on disk is the
    measure, not the one readers see: who rolled back does not want the same release again.
    """
    complete = complete_dates(settings, contracts)
    if not complete:
        return None
    published = releases.releases(settings)
    state = published[-1].state if published else None
    settling = landing.settling_seconds(datetime.now(UTC).date())
    waiting = [
        delivery
        for found in landing.pending(settings, contracts).values()
        for delivery in found
        if delivery.business_date <= complete[-1] and not landing.is_growing(delivery, settling)
    ]
    unpublished = [day for day in complete if state is None or day not in state.deliveries]
    loaded = _loaded_otherwise(settings, contracts, state, complete[-1])
    days = sorted({*unpublished, *loaded, *(delivery.business_date for delivery in waiting)})
    if days:
        content = "|".join(
            [*(f"{item.entity}/{item.business_date}/{item.signature}" for item in waiting), *loaded.values()]
        )
        return DueWindow(
            days[0],
            max(days[-1], complete[-1]),
            f"{len(days)} delivered days are not published",
            _key(days, content),
        )
    assert state is not None
    if state.model_version != dbt_runner.model_version():
        return DueWindow(
            complete[-1],
            complete[-1],
            "models or policy changed",
            _key(complete[-1:], dbt_runner.model_version()),
        )
    return None


def _loaded_otherwise(
    settings: Settings, contracts: Mapping[str, Contract], state: BuildState | None, last: date
) -> dict[date, str]:
    """Dates for which the lake differs from what was published: a refresh ended between the two."""
    if state is None:
        return {}
    held = {day: said for day, said in warehouse.loaded_versions(settings, contracts).items() if day <= last}
    differing = {
        day for day in held.keys() | state.deliveries.keys() if held.get(day) != state.deliveries.get(day)
    }
    return {day: held.get(day, "") for day in sorted(differing) if day <= last}


def _key(days: list[date], content: str) -> str:
    return hashlib.sha256(f"{days[0]}|{days[-1]}|{content}".encode()).hexdigest()[:16]
