"""RFM by the book (docs/metrics.md): measures, cut points, scores, cell and segment of every snapshot."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.reference.activity import active_days, told
from tests.reference.assets import AUM, Assets
from tests.reference.lake import Row, as_known, delivered, full_months, month_ends, parameters, policy

MEASURES = ("recency", "frequency", "monetary")

Measures = dict[str, Decimal]
Cuts = dict[tuple[str, str], list[Decimal]]
"""By population and measure."""


def nearest_rank_cuts(values: list[Decimal]) -> list[Decimal]:
    """The values at positions ceil(j n / 5), j = 1..4, in ascending order: ties cannot matter."""
    ascending = sorted(values)
    return [ascending[(j * len(values) + 4) // 5 - 1] for j in range(1, 5)]


def score(value: Decimal, cuts: list[Decimal]) -> int:
    """1 + the number of cut points below the value."""
    return 1 + sum(value > cut for cut in cuts)


def rfm(home: Path) -> tuple[dict[tuple[str, date], Row], dict[tuple[date, str, str, int], Row]]:
    """Compute all snapshots.

    Returns:
        Scores by customer and snapshot date, and cut points by date, population, measure and number.
    """
    snapshots = month_ends(home)
    assets, customers, items = Assets(home, snapshots[-1]), delivered(home, "customers"), told(home)
    scores: dict[tuple[str, date], Row] = {}
    cut_points: dict[tuple[date, str, str, int], Row] = {}
    for on in snapshots:
        known = as_known(customers, "customer_id", on)
        days = active_days(items, on)
        measured = {
            customer: found
            for customer in known
            if (found := _measures(customer, days.get(customer, []), assets, on)) is not None
        }
        cuts = _cuts(measured, known)
        for (population, measure), values in cuts.items():
            for number, cut in enumerate(values, start=1):
                shown = -cut if measure == "recency" else cut
                cut_points[on, population, measure, number] = {
                    "cut_value": shown,
                    "monetary_basis": "aum_window_average",
                }
        for customer, row in known.items():
            scores[customer, on] = _scored(measured.get(customer), cuts, row, on)
    return scores, cut_points


def _measures(customer: str, days: list[date], assets: Assets, on: date) -> Measures | None:
    """R (negative, so that more recent is higher), F and M; None without an active day in the window."""
    rules = parameters("rfm", on)
    first, last = full_months(on, int(rules["frequency_months"]))
    frequency = sum(first <= day <= last for day in days)
    if not frequency or customer in {row["customer_id"] for row in policy("rfm_excluded_customers", on)}:
        return None
    window_start = on - timedelta(days=int(rules["aum_days"]) - 1)
    return {
        "recency": Decimal(-(on - max(days)).days),
        "frequency": Decimal(frequency),
        "monetary": assets.average(customer, AUM, window_start, on),
    }


def _cuts(measured: dict[str, Measures], known: dict[str, Row]) -> Cuts:
    """Individuals and corporate customers are ranked among themselves."""
    values: Cuts = defaultdict(list)
    for customer, found in measured.items():
        for measure in MEASURES:
            values[known[customer]["customer_type"], measure].append(found[measure])
    return {key: nearest_rank_cuts(found) for key, found in values.items()}


def _scored(found: Measures | None, cuts: Cuts, customer: Row, on: date) -> Row:
    population = customer["customer_type"]
    window_start, _ = full_months(on, int(parameters("rfm", on)["frequency_months"]))
    row: Row = {"population": population, "is_short_exposure": customer["opened_on"] > window_start}
    if found is None:
        row |= {"recency_days": None, "frequency_days": None, "monetary_amount": None}
        return row | {"r_score": 0, "f_score": 0, "m_score": 0, "rfm_cell": "000", "segment": "not_scored"}
    r, f, m = (score(found[measure], cuts[population, measure]) for measure in MEASURES)
    [segment] = [row["segment"] for row in policy("rfm_segments", on) if row["rfm_cell"] == f"{r}{f}{m}"]
    return row | {
        "recency_days": int(-found["recency"]),
        "frequency_days": int(found["frequency"]),
        "monetary_amount": found["monetary"],
        "r_score": r,
        "f_score": f,
        "m_score": m,
        "rfm_cell": f"{r}{f}{m}",
        "segment": segment,
    }
