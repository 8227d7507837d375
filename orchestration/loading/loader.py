"""Deliveries into the lake: typed rows, rejects with their reasons, and an audit of every file.

Nothing that was loaded before is lost. What a day holds follows from the deliveries up to it, in whatever
order they arrive: days that were judged among other deliveries than those that are there now are judged
again (D-34).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from clientele.contracts import Contract
from clientele.settings import Settings
from orchestration import lake
from orchestration.lake import FileAudit, Refusal, integrity
from orchestration.loading import landing
from orchestration.loading.judging import verdicts
from orchestration.loading.landing import Delivery
from orchestration.loading.rounds import Rounds


@dataclass(frozen=True)
class LoadResult:
    """What a load did.

    Attributes:
        entity: The entity.
        audits: One entry per file of each date that was loaded.
        refused: Why deliveries were refused; their dates keep what they held before.
        unchanged: Dates whose delivery was in the lake already.
        absent: Dates without a delivery.
        healed: Rows of earlier deliveries that were accepted now.
        stuck: Dates that would be judged differently today, and whose delivery is gone.
    """

    entity: str
    audits: tuple[FileAudit, ...] = ()
    refused: tuple[Refusal, ...] = ()
    unchanged: tuple[date, ...] = ()
    absent: tuple[date, ...] = ()
    healed: int = 0
    stuck: tuple[date, ...] = ()

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates that were loaded."""
        return tuple(sorted({audit.business_date for audit in self.audits}))

    @property
    def lines(self) -> int:
        """Records delivered."""
        return sum(audit.lines for audit in self.audits)

    @property
    def loaded(self) -> int:
        """Rows loaded."""
        return sum(audit.loaded for audit in self.audits)

    @property
    def rejected(self) -> int:
        """Records rejected."""
        return sum(audit.rejected for audit in self.audits)


def load(
    settings: Settings,
    contract: Contract,
    dates: Iterable[date],
    contracts: Mapping[str, Contract],
    progress: Callable[[str], None] = print,
    built: Collection[date] = (),
    is_rebuild: bool = False,
) -> LoadResult:
    """Load the deliveries of one entity, and judge again what other deliveries have changed.

    Parents must have been loaded before: references are checked against what the lake holds of them.

    Args:
        settings: Where landing and lake are, and how many threads may work.
        contract: The contract of the entity.
        dates: Business dates to load; those already in the lake with the same content stay untouched.
        contracts: All contracts, for the references.
        progress: Called with a line of text after each batch.
        built: Business dates whose delivery the warehouse was built from; the lake must hold them.
        is_rebuild: The whole lake is about to be read again, so it is held against its audit first.

    Returns:
        Audits, refusals and dates without work. A refusal is not an exception: the caller decides.

    Raises:
        LakeError: Part of the lake is missing or changed, and its delivery is gone.
        LoadError: A file's lines are not its loaded plus its rejected rows.
    """
    entity = contract.name
    parents = {parent for _, parent, _ in contract.references}
    lake.ensure_schemas(settings, {name: contracts[name] for name in (entity, *sorted(parents))})
    lake.settle(settings, entity)
    delivered = {item.business_date: item for item in landing.deliveries(settings, contract)}
    for day in lake.refused_dates(settings, entity) - set(delivered):
        lake.close_refusal(settings, entity, day)
    lost = _lost(settings, entity, built, is_rebuild, delivered, progress)
    wanted = sorted({*dates, *lost})
    loaded = lake.committed(settings, entity)
    unchanged = [day for day in wanted if day in delivered and landing.is_loaded(delivered[day], loaded)]
    for day in unchanged:
        lake.close_refusal(settings, entity, day)
        lake.resign(settings, entity, day, delivered[day].signature)
    todo = [delivered[day] for day in wanted if day in delivered and day not in unchanged]
    done = Rounds(settings, contract, delivered, progress)
    if todo or verdicts.last(settings, contract) != verdicts.current(settings, contract):
        done.run(todo)
    return LoadResult(
        entity=entity,
        audits=tuple(done.audits.values()),
        refused=tuple(done.refused),
        unchanged=tuple(unchanged),
        absent=tuple(day for day in wanted if day not in delivered),
        healed=done.healed,
        stuck=tuple(sorted(done.stuck)),
    )


def _lost(
    settings: Settings,
    entity: str,
    built: Collection[date],
    is_rebuild: bool,
    delivered: Mapping[date, Delivery],
    progress: Callable[[str], None],
) -> list[date]:
    """Dates to load again, since the lake no longer holds them as it should."""
    held = lake.committed(settings, entity)
    reasons = {day: f"the lake no longer holds {entity} of {day}" for day in built if day not in held}
    if is_rebuild:
        reasons |= integrity.damage(settings, entity)
    gone = [
        reason
        for day, reason in sorted(reasons.items())
        if day not in delivered and (day not in held or held[day].content != lake.NOTHING)
    ]
    if gone:
        raise integrity.LakeError(
            "\n".join(gone) + f"\nIts delivery is not in landing/{entity}/ or archive/{entity}/ either. "
            "Put the delivery or the file back, then run the refresh again"
        )
    for day, reason in sorted(reasons.items()):
        progress(f"{reason}: loaded again from its delivery")
        lake.set_aside(settings, entity, day)
    return [day for day in reasons if day in delivered]
