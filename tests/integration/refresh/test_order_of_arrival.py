"""What the lake holds follows from what lies in landing, whatever came first and whatever came again."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from clientele.contracts import load_order
from clientele.settings import Settings
from orchestration import lake
from orchestration.loading import loader
from tests.deliveries import Bank, contracts

START = date(2025, 3, 28)
DAYS = [START + timedelta(days=number) for number in range(6)]
ENTITIES = ("branches", "employees", "products", "customers", "accounts", "transactions", "balances")
SEEDS = range(5)
"""Each draws another bank; hundreds were tried when the rules were written."""


def rows_of(entity: str, day: date, draw: random.Random) -> list[str]:
    """A delivery that refers to few enough keys that parents are missing, late, and told of twice."""

    def some(letter: str, most: int = 4) -> str:
        return f"{letter}{draw.randrange(most)}"

    def several(least: int = 0, most: int = 4) -> range:
        return range(draw.randint(least, most))

    match entity:
        case "branches":
            names = sorted({some("B", 3) for _ in several(1)})
            return ["branch_id,branch_name", *(f"{name},支行" for name in names)]
        case "employees":
            names = sorted({some("E", 3) for _ in several(1)})
            return ["employee_id,branch_id,job_level", *(f"{name},{some('B', 4)},teller" for name in names)]
        case "products":
            names = sorted({some("P", 3) for _ in several(1)})
            return ["product_id,product_family,product_name", *(f"{name},deposit,x" for name in names)]
        case "customers":
            return [
                "customer_id,customer_type,opened_on,branch_id,manager_id",
                *(
                    f"{some('C')},individual,2020-01-0{draw.randint(1, 3)},{some('B')},{some('E')}"
                    for _ in several()
                ),
            ]
        case "accounts":
            return [
                "account_id,customer_id,product_id,opened_on",
                *(f"{some('A')},{some('C')},{some('P')},2020-01-01" for _ in several()),
            ]
        case "transactions":
            return [
                "transaction_id,customer_id,account_id,occurred_at,amount,transaction_type",
                *(
                    f"{some('T', 9)},{some('C')},{draw.choice(['', some('A')])},{day} 09:00:00,"
                    f"{draw.randint(1, 2)}.00,deposit"
                    for _ in several(0, 5)
                ),
            ]
        case _:
            return [
                "account_id,balance_amount",
                *(f"{some('A')},{draw.randint(1, 9)}.00" for _ in several()),
            ]


def load(bank: Bank, days: list[date]) -> None:
    """Load the days of all entities, as a refresh does."""
    for entity in load_order(contracts()):
        if entity in ENTITIES:
            loader.load(bank.settings, contracts()[entity], days, contracts(), lambda text: None)


def holds(settings: Settings) -> dict[str, object]:
    """All that readers and the next refresh can see of the lake."""
    bank = Bank(settings.home)
    found: dict[str, object] = {}
    for entity in ENTITIES:
        found[f"{entity} versions"] = {
            day: held.version for day, held in lake.committed(settings, entity).items()
        }
        for kind in ("raw", "rejects", "waiting"):
            found[f"{entity} {kind}"] = bank.tables(kind, entity)
        found[f"{entity} audit"] = bank.rows("audit", entity, "* exclude (delivery_signature, lake_sha256)")
    return found


def rebuilt(bank: Bank, home: Path) -> dict[str, object]:
    """What a lake holds that is loaded from the same landing in one go."""
    shutil.copytree(bank.settings.landing, home / "landing")
    clean = Bank(home)
    load(clean, DAYS)
    return holds(clean.settings)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_of_deliveries_gives_the_lake_of_a_rebuild(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    bank = Bank(tmp_path / "bank")
    deliveries = [(entity, day) for entity in ENTITIES for day in DAYS if draw.random() < 0.8]
    draw.shuffle(deliveries)
    again = draw.sample(deliveries, len(deliveries) // 3)
    for number, (entity, day) in enumerate(deliveries + again):
        bank.deliver(entity, rows_of(entity, day, draw), day)
        if draw.random() < 0.3:
            # Sometimes the day alone, sometimes a window: deliveries outside it stay for later.
            load(bank, [day] if number % 2 else DAYS)
    load(bank, DAYS)
    assert holds(bank.settings) == rebuilt(bank, tmp_path / "clean")


@pytest.mark.parametrize("seed", SEEDS)
def test_day_by_day_gives_the_lake_of_a_window(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    bank = Bank(tmp_path / "bank")
    for entity in ENTITIES:
        for day in DAYS:
            bank.deliver(entity, rows_of(entity, day, draw), day)
    for day in DAYS:
        load(bank, [day])
    assert holds(bank.settings) == rebuilt(bank, tmp_path / "clean")
