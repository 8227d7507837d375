"""Policy that the orchestration itself needs; the models read theirs as dbt seeds."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from orchestration.settings import ROOT

POLICY = ROOT / "seeds" / "policy"


class PolicyError(LookupError):
    """A parameter has no value in force."""


def parameter(topic: str, name: str, on: date, folder: Path = POLICY) -> str:
    """The value of a parameter in force on a date.

    Args:
        topic: Topic of the parameter.
        name: Name of the parameter.
        on: The date.
        folder: Folder with ``policy_parameters.csv``.

    Returns:
        The value as written.

    Raises:
        PolicyError: No row, or more than one, is in force on that date.
    """
    file = folder / "policy_parameters.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        found = [
            row["value"]
            for row in csv.DictReader(lines)
            if (row["topic"], row["parameter"]) == (topic, name)
            and row["effective_from"] <= str(on)
            and (not row["effective_to"] or str(on) <= row["effective_to"])
        ]
    if len(found) != 1:
        raise PolicyError(
            f"{file.name}: {len(found)} rows in force on {on} for {topic} / {name}; exactly one is needed"
        )
    return found[0]
