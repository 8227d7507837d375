"""Numbers and colours of ``seeds/policy/`` in the words of the dashboards, as in force on a day.

``{policy:activity.active_window_days}`` in any text stands for the value in force;
``{policy:satisfaction.confidence_z:confidence}`` for how sure an interval of that width is (``95 %``).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from expanding.folder import AssetError

POLICY = Path(__file__).resolve().parents[2] / "seeds" / "policy"
NAMED = re.compile(r"\{policy:(\w+)\.(\w+)(?::(\w+))?\}")
ARROW = "→"
"""Marks the right side of a flow, whose labels would otherwise be those of its left side."""


def filled(value: Any, on: date) -> Any:
    """Return a document with the numbers of policy in place of their names.

    Args:
        value: A document, or a part of one.
        on: The day whose policy holds.

    Raises:
        AssetError: No such number is in force on that day.
    """
    if isinstance(value, str):
        return NAMED.sub(lambda found: _number(found[1], found[2], found[3], on), value)
    if isinstance(value, dict):
        return {key: filled(item, on) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, on) for item in value]
    return value


def colours(on: date) -> dict[str, str]:
    """Return the colour of each label in force, as the dashboards show it (``VIP 贵宾``)."""
    rows = [row for row in _in_force("labels.csv", on) if row["colour"]]
    found = {f"{row['label_en']} {row['label_zh']}": row["colour"] for row in rows}
    return found | {f"{ARROW} {label}": colour for label, colour in found.items()}


def _number(topic: str, parameter: str, shown: str | None, on: date) -> str:
    for row in _in_force("policy_parameters.csv", on):
        if (row["topic"], row["parameter"]) == (topic, parameter):
            return _confidence(float(row["value"])) if shown == "confidence" else row["value"]
    raise AssetError(f"policy has no {topic}.{parameter} on {on}")


def _confidence(z: float) -> str:
    """Return how much of a normal distribution lies within z standard errors on each side."""
    return f"{100 * math.erf(z / math.sqrt(2)):.3g} %"


def _in_force(name: str, on: date) -> Iterator[dict[str, str]]:
    [file] = POLICY.rglob(name)
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["effective_from"] <= str(on) and (
                not row["effective_to"] or str(on) <= row["effective_to"]
            ):
                yield row
