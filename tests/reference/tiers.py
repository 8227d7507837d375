"""The individual tier by the first-match rule (domain A24), from balances, payments and declarations."""

from __future__ import annotations

from collections import defaultdict
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


def tiers(home: Path) -> dict[tuple[str, date], Row]:
    """Tier, reason and amounts of each customer and snapshot."""
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
                "card_spend_12m_amount": spent[customer],
                "loan_month_average_amount": assets.average(customer, ("loan",), month_start, on),
            }
            reason = _reason(row, known, amounts, on)
            tier = reason.split("_")[0] if reason.startswith(("vip_", "target_")) else reason
            found[customer, on] = amounts | {"tier_reason": reason, "tier": tier}
    return found


def _reason(customer: Row, known: dict[str, Row], amounts: dict[str, Decimal], on: date) -> str:
    rules = {name: Decimal(value) for name, value in parameters("tier", on).items()}
    aum = amounts["aum_month_average_amount"]
    if customer["customer_type"] != "individual":
        return "not_applicable"
    if customer["closed_on"] is not None and customer["closed_on"] <= on:
        return "closed"
    if aum >= rules["vip_aum_amount"]:
        return "vip_aum"
    if amounts["card_spend_12m_amount"] >= rules["vip_card_spend_amount"]:
        return "vip_card_spend"
    if amounts["loan_month_average_amount"] >= rules["vip_loan_amount"]:
        return "vip_loan"
    if _is_officer_of_gold(customer, known):
        return "vip_corporate_link"
    if aum >= rules["target_aum_share"] * rules["vip_aum_amount"]:
        return "target_aum"
    if any(customer[row["attribute"]] == row["value"] for row in policy("potential_profiles", on)):
        return "target_profile"
    # Negative needs the contribution, which is not computed yet.
    return "target_vip_elsewhere" if customer["is_vip_elsewhere"] else "mass"


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
