"""What is delivered in full or without customers: branches, employees, products, exchange rates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from seeds.sample_bank.bank import Bank
from seeds.sample_bank.basics.days import day_of, is_working_day
from seeds.sample_bank.basics.randomness import stream
from seeds.sample_bank.customers.catalogue import PRODUCTS
from seeds.sample_bank.writing.files import delivery_folder, write_table

_PRODUCT_COLUMNS = ("product_id", "product_name", "product_family", "risk_grade")
_FX_START = {"USD": 7.10, "HKD": 0.91, "EUR": 7.75, "JPY": 0.0485, "GBP": 9.05}
_FX_DAILY_CHANGE = 0.002


def write_reference_data(bank: Bank, landing: Path) -> None:
    """Full snapshots on the first day and the first of each month; exchange rates on working days."""
    for day in range(bank.first, bank.last + 1):
        if day == bank.first or day_of(day).day == 1:
            _write_full_snapshots(bank, day, landing)
    _write_rates(bank, landing)


def _write_full_snapshots(bank: Bank, day: int, landing: Path) -> None:
    branches, employees = bank.branches, bank.employees
    _write_csv(
        landing,
        "branches",
        day,
        ("branch_id", "branch_name", "city"),
        [(f"B{1000 + index}", name, branches.cities[index]) for index, name in enumerate(branches.names)],
    )
    _write_csv(
        landing,
        "employees",
        day,
        ("employee_id", "employee_name", "branch_id", "job_level"),
        [
            (f"E{100000 + index}", name, f"B{1000 + employees.branch[index]}", employees.level[index])
            for index, name in enumerate(employees.name)
        ],
    )
    products = pa.table(dict(zip(_PRODUCT_COLUMNS, map(list, zip(*PRODUCTS, strict=True)), strict=True)))
    pq.write_table(products, delivery_folder(landing, "products", day) / "products.parquet")


def _write_rates(bank: Bank, landing: Path) -> None:
    """Mid rates as a random walk; the first day has rates even on a holiday."""
    rates, rng = dict(_FX_START), stream(bank.arguments.seed, "fx")
    for day in range(bank.first, bank.last + 1):
        if day == bank.first or is_working_day(day):
            rates = {
                name: rate * float(np.exp(rng.normal(0, _FX_DAILY_CHANGE))) for name, rate in rates.items()
            }
            rows = [(name, f"{rate:.8f}") for name, rate in rates.items()]
            _write_csv(landing, "fx_rates", day, ("currency", "mid_rate"), rows)


def _write_csv(
    landing: Path, entity: str, day: int, header: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    write_table(delivery_folder(landing, entity, day) / f"{entity}.csv", header, rows)
