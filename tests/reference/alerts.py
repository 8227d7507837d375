"""Alert rules evaluated naively: every customer, every day, from what was known on that day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.reference.activity import active_types, told
from tests.reference.lake import Row, as_known, by_key, delivered, parameters, policy

DAY = timedelta(days=1)

Episode = tuple[str, date, date]
"""Subject, first and last day on which the rule fired."""


def poisson_at_most(observed: int, mean: float) -> float:
    """P(X <= observed) of a Poisson variable."""
    return sum(math.exp(-mean) * mean**count / math.factorial(count) for count in range(observed + 1))


def frequency_drop(home: Path, until: date) -> set[Episode]:
    """30 days against the mean of the six windows before; half of it at most, and rare by chance."""
    customers, items = delivered(home, "customers"), told(home)
    counts: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    firings: dict[str, list[date]] = defaultdict(list)
    first_activity = min(item.day for item in items if item.row["transaction_type"] in active_types(item.day))
    position = 0
    for on in _days(items[0].delivered_on, until):
        while position < len(items) and items[position].delivered_on <= on:
            item = items[position]
            if item.row["transaction_type"] in active_types(item.day):
                counts[item.customer][item.day] += item.sign
            position += 1
        if not _is_live(on):
            continue
        rule = _numbers("frequency_drop", on)
        window, windows = int(rule["window_days"]), int(rule["baseline_windows"])
        whole = timedelta(days=window * (1 + windows) - 1)
        for customer, row in as_known(customers, "customer_id", on).items():
            if row["closed_on"] is not None or on < max(row["opened_on"], first_activity) + whole:
                continue
            active = [day for day, count in counts[customer].items() if count > 0 and day >= on - whole]
            observed = sum(day > on - window * DAY for day in active)
            if _has_dropped(observed, len(active) - observed, rule):
                firings[customer].append(on)
    return _all_episodes(firings, _numbers("frequency_drop", until))


def _has_dropped(observed: int, baseline_total: int, rule: dict[str, Decimal]) -> bool:
    baseline = Decimal(baseline_total) / rule["baseline_windows"]
    return (
        baseline >= rule["minimum_baseline"]
        and observed <= rule["maximum_share"] * baseline
        and poisson_at_most(observed, float(baseline)) <= rule["maximum_probability"]
    )


def satisfaction_decline(home: Path, until: date) -> set[Episode]:
    """The latest answer that is known is two of five points worse, or a promoter turned detractor."""
    customers = delivered(home, "customers")
    responses = by_key(delivered(home, "survey_responses"), "customer_id")
    firings: dict[str, list[date]] = defaultdict(list)
    for on in _days(min(row["delivered_on"] for row in customers), until):
        if not _is_live(on):
            continue
        for customer, row in as_known(customers, "customer_id", on).items():
            sequences = _sequences(responses.get(customer, []), on)
            if row["closed_on"] is None and any(_has_fallen(answers, on) for answers in sequences):
                firings[customer].append(on)
    return _all_episodes(firings, _numbers("satisfaction_decline", until))


def _sequences(rows: list[Row], on: date) -> Iterator[list[Row]]:
    """Answers known on a day, by metric and kind of survey, in the order in which they were first told."""
    first_told: dict[str, Row] = {}
    for row in rows:
        if row["score"] is not None and row["delivered_on"] <= on:
            first_told.setdefault(row["response_id"], row)
    sequences: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(first_told.values(), key=lambda row: (row["delivered_on"], row["answered_at"])):
        sequences[row["metric"], row["survey_kind"]].append(row)
    yield from sequences.values()


def _has_fallen(answers: list[Row], on: date) -> bool:
    rule, scale = _numbers("satisfaction_decline", on), parameters("satisfaction", on)
    if len(answers) < 2 or on - answers[-1]["delivered_on"] >= int(rule["counts_for_days"]) * DAY:
        return False
    before, latest = answers[-2]["score"], answers[-1]["score"]
    if answers[-1]["metric"] == "csat":
        return bool(latest - before <= rule["csat_change_points"])
    was_promoter = before >= int(scale["nps_promoter_score"])
    is_detractor = latest <= int(scale["nps_detractor_score"])
    return bool(answers[-1]["metric"] == "nps" and was_promoter and is_detractor)


def _all_episodes(firings: dict[str, list[date]], rule: dict[str, Decimal]) -> set[Episode]:
    """Firing days that lie no further apart than the cooldown are one episode."""
    found: set[Episode] = set()
    for subject, days in firings.items():
        started = last = days[0]
        for day in days[1:]:
            if (day - last).days > int(rule["cooldown_days"]):
                found.add((subject, started, last))
                started = day
            last = day
        found.add((subject, started, last))
    return found


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * DAY for number in range((last - first).days + 1))


def _is_live(on: date) -> bool:
    return str(on) >= parameters("alerts", on)["alerts_from"]


def _numbers(rule_id: str, on: date) -> dict[str, Decimal]:
    """Parameters of a rule that depend on nothing else."""
    return {
        row["parameter"]: Decimal(row["value"])
        for row in policy("alert_rule_parameters", on)
        if row["rule_id"] == rule_id and not row["argument"]
    }
