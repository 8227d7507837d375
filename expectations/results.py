"""The result of one check of a gate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["passed", "warned", "failed", "not_applicable"]
Severity = Literal["error", "warn"]


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check; one per gate, entity and check name.

    Attributes:
        gate: ``gate_1`` (what was loaded) or ``gate_2`` (the release candidate).
        entity: The delivered entity, or the public table, that was checked.
        check_name: Stable, readable name, such as ``required__amount``.
        business_date: The last business date the check speaks for.
        status: ``failed`` blocks, ``warned`` does not; ``not_applicable`` could not be judged and is
            never to be read as passed.
        severity: Of the limit that was broken, else of the strictest limit that was kept.
        observed: What was found, for people.
        expected: What should have been found, for people.
        examples: Up to five offending rows of a failed or warned check, without personal data.
    """

    gate: str
    entity: str
    check_name: str
    business_date: date | None
    status: Status
    severity: Severity
    observed: str
    expected: str
    examples: tuple[str, ...] = ()

    @property
    def is_blocking(self) -> bool:
        """Whether the refresh has to stop here."""
        return self.status == "failed"
