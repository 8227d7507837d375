"""Which days the models have to compute: window arithmetic, and nothing else.

The warehouse remembers which deliveries it was built from. Comparing them with what the lake holds
tells what a run has to do, however the run before it ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from clientele import state_files

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BuildState:
    """What a warehouse or a release was built from.

    Attributes:
        model_version: Hash of models and policy.
        as_of: The business date it was computed for.
        deliveries: Version of everything delivered for a business date, by date.
    """

    model_version: str
    as_of: date
    deliveries: Mapping[date, str]

    @property
    def id(self) -> str:
        """Equal for two builds exactly when they hold the same numbers."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The state as text, in a stable order."""
        deliveries = {str(day): version for day, version in sorted(self.deliveries.items())}
        return json.dumps(
            {"model_version": self.model_version, "as_of": str(self.as_of), "deliveries": deliveries},
            indent=1,
        )

    @classmethod
    def read(cls, file: Path) -> BuildState | None:
        """Read a state file; None if there is none that can be read."""
        content = state_files.read_json(file)
        if content is None:
            return None
        try:
            return cls(
                model_version=content["model_version"],
                as_of=date.fromisoformat(content["as_of"]),
                deliveries={
                    date.fromisoformat(day): version for day, version in content["deliveries"].items()
                },
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


@dataclass(frozen=True)
class BuildPlan:
    """What the models have to compute.

    Attributes:
        window_start: First day whose results may differ from those in the warehouse.
        as_of: Last day of the window: the date of the numbers.
        deliveries: Closed ranges of business dates whose facts are replaced.
        is_rebuild: Whether the warehouse starts from nothing.
        reason: Why, in words.
        target: The state of the warehouse when the plan is carried out.
    """

    window_start: date
    as_of: date
    deliveries: tuple[tuple[date, date], ...]
    is_rebuild: bool
    reason: str
    target: BuildState

    def environment(self) -> dict[str, str]:
        """The clock of the models, as the macros of ``time.sql`` read it."""
        clock = {
            "window_start": str(self.window_start),
            "as_of_date": str(self.as_of),
            "deliveries": [[str(first), str(last)] for first, last in self.deliveries],
        }
        return {"DBT_REFRESHED": json.dumps(clock)}


def plan_build(
    built: BuildState | None,
    lake: Mapping[date, str],
    model_version: str,
    first: date,
    last: date,
) -> BuildPlan:
    """Decide what to compute.

    Args:
        built: What the warehouse was built from; None for no warehouse.
        lake: Version of everything the lake holds for a business date, by date.
        model_version: Hash of today's models and policy.
        first: First business date asked for; it is computed again even if nothing changed.
        last: Last business date asked for. The warehouse never goes back behind its own date.

    Returns:
        The plan.

    Raises:
        ValueError: The lake holds nothing up to the last date.
    """
    as_of = max(last, built.as_of) if built else last
    known = {day: version for day, version in lake.items() if day <= as_of}
    if not known:
        raise ValueError(f"nothing is loaded for a business date up to {as_of}")
    target = BuildState(model_version, as_of, known)
    if built is None or built.model_version != model_version:
        reason = "first build" if built is None else "models or policy changed: rebuild from the lake"
        return BuildPlan(min(known), as_of, ((min(known), as_of),), True, reason, target)
    changed = sorted(
        day
        for day in known.keys() | built.deliveries.keys()
        if known.get(day) != built.deliveries.get(day) or first <= day <= last
    )
    if changed and changed[0] < min(built.deliveries):
        return BuildPlan(
            min(known), as_of, ((min(known), as_of),), True, "deliveries before the first one", target
        )
    # Days after the last build are computed without a gap, also those without a delivery.
    starts = [*changed[:1], *([built.as_of + ONE_DAY] if as_of > built.as_of else []), as_of]
    return BuildPlan(min(starts), as_of, _ranges(changed or [as_of]), False, "deliveries to compute", target)


def _ranges(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    """Collapse days into closed ranges of neighbours."""
    ranges: list[tuple[date, date]] = []
    for day in sorted(days):
        if ranges and day - ranges[-1][1] <= ONE_DAY:
            ranges[-1] = (ranges[-1][0], day)
        else:
            ranges.append((day, day))
    return tuple(ranges)
