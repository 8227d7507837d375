"""NPS, CSAT and CES with their intervals (domain D6), by month, survey kind and slice."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from tests.reference.lake import Row, as_known, delivered, last_of_month, parameters

Slice = tuple[date, str, str, str, str]
"""Month-end, survey kind, metric, dimension and its value."""


def satisfaction(home: Path, on: date, tier_of: Callable[[str, date], str]) -> dict[Slice, Row]:
    """Compute every slice as known on a day.

    Args:
        home: The bank.
        on: The date the numbers speak of.
        tier_of: Tier of a customer in the month of a day.
    """
    customers = as_known(delivered(home, "customers"), "customer_id", on)
    responses = [
        row | {"branch_id": row["branch_id"] or customers[row["customer_id"]]["branch_id"] or "unknown"}
        for row in as_known(delivered(home, "survey_responses"), "response_id", on).values()
    ]
    answers: dict[Slice, list[Row]] = defaultdict(list)
    for row in _latest_of_a_wave([row for row in responses if row["score"] is not None]):
        day = row["answered_at"].date()
        for dimension, value in [*_slices(row), ("tier", tier_of(row["customer_id"], day))]:
            answers[last_of_month(day), row["survey_kind"], row["metric"], dimension, value].append(row)
    sent: dict[Slice, list[Row]] = defaultdict(list)
    for row in responses:
        month_end = last_of_month(row["sent_at"].date())
        for dimension, value in _slices(row):
            sent[month_end, row["survey_kind"], row["metric"], dimension, value].append(row)
    return {key: _measured(key, rows, sent.get(key)) for key, rows in answers.items()}


def _latest_of_a_wave(answers: list[Row]) -> list[Row]:
    """The latest answer of a customer in a wave is the one that counts."""
    latest: dict[tuple[str, str, str, str], Row] = {}
    for row in sorted(answers, key=lambda row: (row["answered_at"], row["response_id"])):
        latest[row["customer_id"], row["survey_kind"], row["wave_id"], row["metric"]] = row
    return list(latest.values())


def _slices(row: Row) -> Iterator[tuple[str, str]]:
    yield "bank", "bank"
    yield "branch", row["branch_id"]
    if row["touchpoint"] is not None:
        yield "touchpoint", row["touchpoint"]


def _measured(key: Slice, rows: list[Row], sent: list[Row] | None) -> Row:
    """Value, spread and interval, in points for NPS and per cent for the others."""
    rules = parameters("satisfaction", key[0])
    z, n, scores = float(rules["confidence_z"]), len(rows), [row["score"] for row in rows]
    result: Row = dict.fromkeys(("promoters", "passives", "detractors", "satisfied"))
    result |= _invited(sent) | {
        "responses": n,
        "mean_score": sum(scores) / n,
        "status": "ok" if n >= int(rules["small_sample_answers"]) else "small_sample",
    }
    if key[2] == "nps":
        promoters = sum(score >= int(rules["nps_promoter_score"]) for score in scores)
        detractors = sum(score <= int(rules["nps_detractor_score"]) for score in scores)
        p, d = promoters / n, detractors / n
        error = 100 * math.sqrt((p + d - (p - d) ** 2) / n)
        value = 100 * (p - d)
        counts = {"promoters": promoters, "detractors": detractors, "passives": n - promoters - detractors}
        return result | counts | _interval(value, error, value - z * error, value + z * error)
    good = int(rules["csat_satisfied_score" if key[2] == "csat" else "ces_easy_score"])
    satisfied = sum(score >= good for score in scores)
    p = satisfied / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    error = 100 * math.sqrt(p * (1 - p) / n)
    result["satisfied"] = satisfied
    return result | _interval(100 * p, error, 100 * (centre - half), 100 * (centre + half))


def _invited(sent: list[Row] | None) -> Row:
    """Response rate = answered of those that were sent in the month; unknown for a tier."""
    if sent is None:
        return {"invited": None, "response_rate_pct": None}
    answered = sum(row["score"] is not None for row in sent)
    return {"invited": len(sent), "response_rate_pct": 100 * answered / len(sent)}


def _interval(value: float, error: float, low: float, high: float) -> Row:
    return {"value": value, "standard_error": error, "ci_low": low, "ci_high": high}
