"""The stage machine (docs/metrics.md, life cycle): first matching rule wins, one month after the other.

What a month looks like (activity, assets) is read from the monthly facts; the machine is recomputed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.reference.lake import Row, as_known, delivered, parameters


@dataclass
class Memory:
    """What a customer's last month-end leaves behind."""

    stage: str | None = None
    months_since_return: int = 0
    calm_months: int = 0


def lifecycle(home: Path, months: dict[tuple[str, date], Row]) -> dict[tuple[str, date], Row]:
    """Stage of each customer and snapshot.

    Args:
        home: The bank.
        months: Rows of the monthly facts by customer and snapshot date.
    """
    delivered_customers = delivered(home, "customers")
    accounts_from = min(row["delivered_on"] for row in delivered(home, "accounts"))
    stages: dict[tuple[str, date], Row] = {}
    memories: dict[str, Memory] = {}
    history: dict[str, list[Row]] = {}
    for on in sorted({snapshot for _, snapshot in months}):
        known = as_known(delivered_customers, "customer_id", on)
        for customer in sorted(known):
            month, past = months[customer, on], history.setdefault(customer, [])
            memory = memories.get(customer, Memory())
            stage = _stage(memory, month, past, known[customer], accounts_from)
            stages[customer, on] = {"lifecycle_stage": stage, "previous_stage": memory.stage}
            memories[customer] = _remember(memory, stage, month, past)
            past.append(month)
    return stages


def _stage(memory: Memory, month: Row, past: list[Row], customer: Row, accounts_from: date) -> str:
    on = month["snapshot_date"]
    rules = {name: Decimal(value) for name, value in parameters("lifecycle", on).items()}
    silent = (on - (month["last_active_date"] or customer["opened_on"])).days
    is_returning = month["active_days"] >= rules["recovered_active_days"]
    is_closed = customer["closed_on"] is not None and customer["closed_on"] <= on
    is_empty = month["aum_amount"] is not None and month["aum_amount"] < rules["lost_aum_amount"]
    never_had_an_account = month["accounts_ever"] is None and month["last_active_date"] is None
    if on >= accounts_from and never_had_an_account:
        return "prospect"
    if is_closed or (silent >= rules["lost_silent_days"] and is_empty):
        return "lost"
    if memory.stage == "lost" and not is_returning:
        return "lost"  # Allowed transitions: lost is left by a return only.
    if memory.stage == "prospect":
        return "onboarding"  # Allowed transitions: every relationship begins here.
    if silent >= rules["dormant_days"]:
        return "dormant"
    if (
        memory.stage in ("lost", "dormant", "recovered")
        and is_returning
        and memory.months_since_return < rules["recovered_months"]
    ):
        return "recovered"
    calm_months = memory.calm_months + 1 if _is_calm(month, past, rules) else 0
    still_declining = memory.stage == "declining" and calm_months < rules["calm_months"]
    if still_declining or _is_falling(month, past, rules):
        return "declining"
    if month["tenure_months"] < rules["onboarding_months"]:
        return "onboarding"
    return "growth" if _is_growing(month, past, rules) else "mature"


def _remember(memory: Memory, stage: str, month: Row, past: list[Row]) -> Memory:
    rules = {name: Decimal(value) for name, value in parameters("lifecycle", month["snapshot_date"]).items()}
    still_declining = memory.stage == stage == "declining"
    return Memory(
        stage,
        memory.months_since_return + 1 if stage == "recovered" else 0,
        memory.calm_months + 1 if still_declining and _is_calm(month, past, rules) else 0,
    )


def _reference(past: list[Row]) -> Any:
    """Ref12: the best monthly average of the twelve months before; None where assets are unknown."""
    known = [row["aum_month_average_amount"] for row in past[-12:]]
    return max((amount for amount in known if amount is not None), default=None)


def _is_falling(month: Row, past: list[Row], rules: dict[str, Decimal]) -> bool:
    reference, assets = _reference(past), month["aum_month_average_amount"]
    is_poorer = (
        None not in (reference, assets)
        and reference >= rules["declining_reference_aum_amount"]
        and assets <= rules["declining_aum_ratio"] * reference
    )
    usual = _usual_days(month, rules)
    is_quieter = month["active_days"] <= rules["declining_activity_ratio"] * usual
    return is_poorer or (usual >= rules["declining_activity_floor"] and is_quieter)


def _is_calm(month: Row, past: list[Row], rules: dict[str, Decimal]) -> bool:
    reference, assets = _reference(past), month["aum_month_average_amount"]
    assets_are_back = None in (reference, assets) or assets >= rules["calm_aum_ratio"] * reference
    activity_is_back = month["active_days"] >= rules["calm_activity_ratio"] * _usual_days(month, rules)
    return bool(assets_are_back and activity_is_back)


def _usual_days(month: Row, rules: dict[str, Decimal]) -> Decimal:
    """Mean of active days in the windows before the present one."""
    return Decimal(month["baseline_active_days"]) / rules["baseline_windows"]


def _is_growing(month: Row, past: list[Row], rules: dict[str, Decimal]) -> bool:
    """More assets, or more product families, than six months before."""
    back = int(rules["growth_months"])
    if len(past) < back:
        return False
    earlier, assets = past[-back], month["aum_month_average_amount"]
    before = earlier["aum_month_average_amount"]
    has_more_assets = bool(assets) and before is not None and assets >= rules["growth_aum_ratio"] * before
    families, families_before = month["product_families"], earlier["product_families"]
    return has_more_assets or (None not in (families, families_before) and families > families_before)
