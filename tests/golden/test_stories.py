"""Planted stories are found: recall is measured on the labels that the sample bank keeps in ``_truth``."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.reference.compare import served

FALLING = ("frequency_drop", "dormant", "won_back")
"""Stories in which activity breaks off."""

EVEN = ("steady", "growing", "salary_stopped", "asset_drain", "transfer_to_other_bank")
"""Stories in which the customer goes on as before, as far as active days tell."""

DISAPPOINTED = ("satisfaction_decline", "detractor_then_gone")

SOON = timedelta(days=60)
ANSWERED_BEFORE = timedelta(days=20)
"""Who closes the account said so some two weeks before."""

Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Story:
    """A planted story of one customer."""

    name: str
    customer: str
    starts_on: date


def stories(home: Path, names: Collection[str]) -> list[Story]:
    with (home / "landing" / "_truth" / "stories.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["story"] in names]
    return [Story(row["story"], row["subject_id"], date.fromisoformat(row["starts_on"])) for row in rows]


def fired(home: Path, rule: str) -> list[tuple[str, date]]:
    """Subject and first day of each alert of a rule."""
    return list(served(home, "fct_alerts", ("subject_id", "fired_date"), f"rule_id = '{rule}'"))


def missed(
    found: list[tuple[str, date]], planted: list[Story], early: timedelta = timedelta(0)
) -> list[Story]:
    """Stories without an alert that begins with them."""
    return [
        story
        for story in planted
        if not any(
            customer == story.customer and story.starts_on - early <= day <= story.starts_on + SOON
            for customer, day in found
        )
    ]


@pytest.mark.parametrize("name", FALLING)
def test_a_drop_in_frequency_is_found_soon(tiny_home: Path, name: str, record_property: Record) -> None:
    planted = stories(tiny_home, (name,))
    assert planted, f"the sample bank tells no story of {name}"
    lost = missed(fired(tiny_home, "frequency_drop"), planted)
    recall = 1 - len(lost) / len(planted)
    record_property(f"recall_{name}", recall)
    assert recall >= 0.8, f"no alert within {SOON.days} days of the start of {lost}"


@pytest.mark.parametrize("name", DISAPPOINTED)
def test_a_fall_in_satisfaction_is_found(tiny_home: Path, name: str) -> None:
    planted = stories(tiny_home, (name,))
    assert planted, f"the sample bank tells no story of {name}"
    assert missed(fired(tiny_home, "satisfaction_decline"), planted, ANSWERED_BEFORE) == []


def test_who_goes_on_as_before_is_left_alone(tiny_home: Path, record_property: Record) -> None:
    even = {story.customer for story in stories(tiny_home, EVEN)}
    falling = {story.customer for story in stories(tiny_home, FALLING)}
    subjects = {customer for customer, _ in fired(tiny_home, "frequency_drop")}
    record_property("precision_of_labelled", len(subjects & falling) / len(subjects & (falling | even)))
    assert subjects & even == set()


def test_false_alarms_are_few(tiny_home: Path, record_property: Record) -> None:
    """Ordinary customers may fall silent by themselves, but few do so unusually within a year."""
    customers = len(served(tiny_home, "dim_customers", ("customer_id",)))
    falling = {story.customer for story in stories(tiny_home, FALLING)}
    unplanned = {customer for customer, _ in fired(tiny_home, "frequency_drop")} - falling
    record_property("ordinary_customers_alerted", len(unplanned))
    assert len(unplanned) <= 0.1 * customers, sorted(unplanned)
