"""NPS, CSAT and CES with their intervals (docs/metrics.md, satisfaction), by month, survey kind and slice."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from tests.reference.lake import Row, as_known, by_key, delivered, first_of_month, last_of_month, parameters

Slice = tuple[date, str, str, str, str]
"""Month-end, survey kind, metric, dimension and its value."""
Cell = tuple[str, str, date, str, str, str]
"""Metric, wave, month-end of the answer, branch, customer type and tier."""


def satisfaction(home: Path, on: date, tier_of: Callable[[str, date], str]) -> dict[Slice, Row]:
    """Compute every slice as known on a day.

    Args:
        home: The bank.
        on: The date the numbers speak of.
        tier_of: Tier of a customer in the month of a day.
    """
    responses = _responses(home, on)
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


def waves(home: Path, on: date, tier_of: Callable[[str, date], str]) -> dict[Cell, Row]:
    """Count the answers of the periodic survey as known on a day, at the grain of the dashboards' filters."""
    answered = [row for row in _responses(home, on) if row["score"] is not None]
    cells: dict[Cell, list[Row]] = defaultdict(list)
    for row in _latest_of_a_wave([row for row in answered if row["survey_kind"] == "periodic"]):
        day = row["answered_at"].date()
        place = row["branch_id"], row["customer_type"], tier_of(row["customer_id"], day)
        cells[row["metric"], row["wave_id"], last_of_month(day), *place].append(row)
    return {key: _counted(key[0], key[2], [row["score"] for row in rows]) for key, rows in cells.items()}


def wave_months(cells: Mapping[Cell, Row], on: date) -> dict[tuple[date, str, str, str, str], Row]:
    """Set the latest wave known at each month-end beside the one before it."""
    counts = ("responses", "promoters", "passives", "detractors", "satisfied")
    found: dict[tuple[date, str, str, str, str], Row] = {}
    for metric in {key[0] for key in cells}:
        begun: dict[str, date] = {}
        for _, wave, month, *_ in sorted(key for key in cells if key[0] == metric):
            begun[wave] = min(month, begun.get(wave, month))
        month = min(begun.values())
        while month <= last_of_month(on):
            latest = sorted(
                (wave for wave in begun if begun[wave] <= month), key=lambda wave: (begun[wave], wave)
            )
            for prefix, wave in zip(("", "previous_"), reversed(latest), strict=False):
                for key, cell in cells.items():
                    if key[:2] == (metric, wave) and key[2] <= month:
                        row = found.setdefault((month, metric, *key[3:]), {})
                        for name in counts:
                            if cell[name] is not None:
                                row[prefix + name] = row.get(prefix + name, 0) + cell[name]
            month = last_of_month(first_of_month(month, -1))
    empty = dict.fromkeys([*counts, *(f"previous_{name}" for name in counts)])
    return {key: empty | row for key, row in found.items()}


def _responses(home: Path, on: date) -> list[Row]:
    """The questions as known on a day, with the customer's branch and type of their own day."""
    customers = by_key(delivered(home, "customers"), "customer_id")
    found = []
    for row in as_known(delivered(home, "survey_responses"), "response_id", on).values():
        customer = _customer(customers, row)
        branch = row["branch_id"] or customer["branch_id"] or "unknown"
        found.append(row | {"branch_id": branch, "customer_type": customer["customer_type"]})
    return found


def _counted(metric: str, month: date, scores: list[int]) -> Row:
    rules, n = parameters("satisfaction", month), len(scores)
    counts: Row = {"responses": n, **dict.fromkeys(("promoters", "passives", "detractors", "satisfied"))}
    if metric == "nps":
        promoters = sum(score >= int(rules["nps_promoter_score"]) for score in scores)
        detractors = sum(score <= int(rules["nps_detractor_score"]) for score in scores)
        passives = n - promoters - detractors
        return counts | {"promoters": promoters, "passives": passives, "detractors": detractors}
    good = int(rules["csat_satisfied_score" if metric == "csat" else "ces_easy_score"])
    return counts | {"satisfied": sum(score >= good for score in scores)}


def _customer(customers: Mapping[str, list[Row]], row: Row) -> Row:
    """The customer on the day of the answer, or of the question; what is older than all, as first known."""
    day = (row["answered_at"] or row["sent_at"]).date()
    first, *later = customers[row["customer_id"]]
    return [first, *(version for version in later if version["delivered_on"] <= day)][-1]


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
    result = _counted(key[2], key[0], scores) | _invited(sent)
    result |= {
        "mean_score": sum(scores) / n,
        "status": "ok" if n >= int(rules["small_sample_answers"]) else "small_sample",
    }
    if key[2] == "nps":
        p, d = result["promoters"] / n, result["detractors"] / n
        error = 100 * math.sqrt((p + d - (p - d) ** 2) / n)
        value = 100 * (p - d)
        return result | _interval(value, error, value - z * error, value + z * error)
    p = result["satisfied"] / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    error = 100 * math.sqrt(p * (1 - p) / n)
    return result | _interval(100 * p, error, 100 * (centre - half), 100 * (centre + half))


def _invited(sent: list[Row] | None) -> Row:
    """Response rate = answered of those that were sent in the month; unknown for a tier."""
    if sent is None:
        return {"invited": None, "response_rate_pct": None}
    answered = sum(row["score"] is not None for row in sent)
    return {"invited": len(sent), "response_rate_pct": 100 * answered / len(sent)}


def _interval(value: float, error: float, low: float, high: float) -> Row:
    return {"value": value, "standard_error": error, "ci_low": low, "ci_high": high}
