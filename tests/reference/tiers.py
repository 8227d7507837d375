"""The tier by the first rule that holds (docs/metrics.md), from balances, payments and declarations."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from tests.reference.activity import Told, told
from tests.reference.assets import AUM, Assets
from tests.reference.lake import (
    Row,
    as_known,
    delivered,
    first_of_month,
    full_months,
    month_ends,
    parameters,
    policy,
)

COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
}


def tiers(home: Path) -> dict[tuple[str, date], Row]:
    """Tier, the rule that decided and what it saw, and the amounts of each customer and snapshot."""
    snapshots = month_ends(home)
    assets, customers, items = Assets(home, snapshots[-1]), delivered(home, "customers"), told(home)
    found: dict[tuple[str, date], Row] = {}
    for on in snapshots:
        known = as_known(customers, "customer_id", on)
        spent = _card_spend(items, assets, on)
        month_start = first_of_month(on)
        for customer, row in known.items():
            amounts = {
                "aum_month_average_amount": assets.average(customer, AUM, month_start, on),
                "card_spend_window_amount": spent[customer],
                "loan_month_average_amount": assets.average(customer, ("loan",), month_start, on),
            }
            found[customer, on] = amounts | _decided(
                row["customer_type"], amounts | _flags(row, known, on), on
            )
    return found


def _decided(customer_type: str, measures: dict[str, Decimal], on: date) -> Row:
    """The first rule of the customer's policy that holds."""
    rules = [
        row
        for row in policy("classification_rules", on)
        if (row["classification"], row["customer_type"]) == ("tier", customer_type)
    ]
    for rule in sorted(rules, key=lambda rule: int(rule["rule_rank"])):
        value, limit = measures[rule["measure"]], Decimal(rule["limit_value"])
        if COMPARISONS[rule["comparison"]](value, limit):
            return {
                "tier": rule["class"],
                "tier_reason": rule["reason"],
                "tier_policy": rule["policy"],
                "deciding_measure": rule["measure"],
                "deciding_comparison": rule["comparison"],
                "deciding_value": value,
                "deciding_limit": limit,
            }
    raise AssertionError(f"no tier rule holds for a customer of type {customer_type} on {on}")


def _flags(customer: Row, known: dict[str, Row], on: date) -> dict[str, Decimal]:
    """What is true of a customer, as 1; the tiny bank delivers balances from its first day."""
    profiles = policy("potential_profiles", on)
    true = {
        "everybody": True,
        "is_closed": customer["closed_on"] is not None and customer["closed_on"] <= on,
        "is_aum_known": True,
        "is_linked_to_gold": _is_officer_of_gold(customer, known),
        "is_potential_profile": any(customer[row["attribute"]] == row["value"] for row in profiles),
        "is_vip_elsewhere": bool(customer["is_vip_elsewhere"]),
    }
    return {name: Decimal(value) for name, value in true.items()}


def _is_officer_of_gold(customer: Row, known: dict[str, Row]) -> bool:
    """Principal or CFO of a head-office-level corporate client."""
    client = known.get(customer["linked_corporate_id"])
    if client is None or customer["corporate_role"] is None:
        return False
    return client["customer_type"] == "corporate" and bool(client["is_head_office_client"])


def _card_spend(items: list[Told], assets: Assets, on: date) -> dict[str, Decimal]:
    """Card payments less their reversals in the last full months, CNY, as known on the day."""
    first, last = full_months(on, int(parameters("rfm", on)["frequency_months"]))
    types = policy("transaction_types", on)
    kinds = {row["transaction_type"] for row in types if row["transaction_group"] == "card_spend"}
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        if item.row["transaction_type"] in kinds and first <= item.day <= last and item.delivered_on <= on:
            amount = assets.in_cny(item.row["amount"], item.row["currency"], item.day)
            spent[item.customer] += item.sign * amount
    return spent
