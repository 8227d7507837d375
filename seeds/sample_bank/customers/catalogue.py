"""Branches, employees and products of the bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seeds.sample_bank.arguments import Arguments
from seeds.sample_bank.basics.days import Array
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.basics.words import CITIES, DISTRICTS, GIVEN, SURNAMES

PRODUCTS = [
    ("P001", "个人活期存款", "deposit", "R1"),
    ("P002", "单位活期存款", "deposit", "R1"),
    ("P003", "外币活期存款", "deposit", "R1"),
    ("P011", "整存整取一年期", "deposit", "R1"),
    ("P012", "整存整取三年期", "deposit", "R1"),
    ("P013", "大额存单", "deposit", "R1"),
    ("P101", "日日盈现金管理", "wealth", "R1"),
    ("P102", "稳健六个月", "wealth", "R2"),
    ("P103", "安心一年定开", "wealth", "R2"),
    ("P104", "进取混合十八个月", "wealth", "R3"),
    ("P201", "稳债优选基金", "fund", "R2"),
    ("P202", "均衡成长混合基金", "fund", "R3"),
    ("P203", "科技先锋股票基金", "fund", "R4"),
    ("P301", "福满堂年金保险", "insurance", "R1"),
    ("P302", "安享未来两全保险", "insurance", "R2"),
    ("P401", "积存金", "metal", "R3"),
    ("P501", "个人住房贷款", "loan", "R1"),
    ("P502", "个人消费贷款", "loan", "R2"),
    ("P503", "企业流动资金贷款", "loan", "R2"),
    ("P601", "标准信用卡", "card", "R1"),
    ("P602", "白金信用卡", "card", "R1"),
]
PRODUCT_IDS = [product[0] for product in PRODUCTS]
BAD_PRODUCT = PRODUCT_IDS.index("P302")
"""The product that customers give back in the story of the bad product."""

_CUSTOMERS_PER_MANAGER = 120
_STAFF = [
    ("subbranch_president", 1),
    ("subbranch_assistant", 1),
    ("expansion_team_leader", 1),
    ("lobby_manager", 2),
    ("teller", 5),
]
_HEAD_STAFF = [("branch_president", 1), ("vice_president", 2), ("expansion_head", 1)]


def product(product_id: str) -> int:
    """Position of a product in the catalogue."""
    return PRODUCT_IDS.index(product_id)


@dataclass(frozen=True)
class Branches:
    """The branches; a branch is its position everywhere in the generator.

    Attributes:
        names: Name of each branch.
        cities: City of each branch.
        weights: Share of the customers of each branch, sums to 1.
        wealth: Factor on the wealth of the branch's customers.
        quality: Satisfaction of the branch in the first quarter, in points of a 0 to 10 scale.
        drift: Change of satisfaction per quarter, same scale.
    """

    names: list[str]
    cities: list[str]
    weights: Array
    wealth: Array
    quality: Array
    drift: Array

    def __len__(self) -> int:
        """Number of branches."""
        return len(self.names)


def branches_of(arguments: Arguments) -> Branches:
    """Branches that differ in size, wealth and satisfaction; about 12 for 20,000 customers."""
    count = int(np.clip(round(12 * (arguments.customers / 20_000) ** 0.5), 4, 84))
    rng = stream(arguments.seed, "branches")
    cities = [CITIES[index // 7] for index in range(count)]
    names = [_branch_name(index) for index in range(count)]
    weights = 1 / np.arange(2, count + 2) ** 0.6
    weights = weights / weights.sum()
    drift = rng.normal(0, 0.1, count)
    return Branches(
        names=names,
        cities=[f"{city}市" for city in cities],
        weights=weights,
        wealth=np.exp(rng.normal(0, 0.3, count)),
        quality=rng.normal(0, 0.4, count),
        # Branches drift apart; the bank as a whole stays where it is.
        drift=drift - drift @ weights,
    )


def _branch_name(index: int) -> str:
    city, place = CITIES[index // 7], index % 7
    return (
        f"{city}分行营业部"
        if place == 0
        else f"{city}{DISTRICTS[(place + 5 * (index // 7)) % len(DISTRICTS)]}支行"
    )


@dataclass(frozen=True)
class Employees:
    """The employees, account managers last.

    Attributes:
        branch: Branch of each employee.
        level: Job level of each employee.
        name: Invented name of each employee.
        first_manager: Position of the first account manager of each branch.
        managers: Number of account managers of each branch.
    """

    branch: Array
    level: list[str]
    name: list[str]
    first_manager: Array
    managers: Array


def employees_of(arguments: Arguments, managed_per_branch: Array) -> Employees:
    """The staff of every branch, with one account manager for every 120 managed customers."""
    branch: list[int] = []
    level: list[str] = []
    for index in range(len(managed_per_branch)):
        staff = (_HEAD_STAFF if index % 7 == 0 else []) + _STAFF
        for name, count in staff:
            branch += [index] * count
            level += [name] * count
    managers = np.maximum(2, -(-managed_per_branch // _CUSTOMERS_PER_MANAGER)).astype(np.int64)
    first = len(branch) + np.concatenate([[0], np.cumsum(managers)[:-1]])
    branch += np.repeat(np.arange(len(managers)), managers).tolist()
    level += ["account_manager"] * int(managers.sum())
    rng = stream(arguments.seed, "employees")
    letters = rng.integers(0, [[len(SURNAMES)], [len(GIVEN)], [len(GIVEN)]], (3, len(branch)))
    names = [SURNAMES[a] + GIVEN[b] + GIVEN[c] for a, b, c in letters.T]
    return Employees(np.array(branch), level, names, first, managers)
