"""A bank in a temporary folder: deliver files, load them, look at the lake."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from clientele.contracts import Contract, load_contracts
from clientele.settings import Settings
from orchestration.loading import loader

DAY = date(2025, 3, 31)
NEXT_DAY = date(2025, 4, 1)

CUSTOMERS = [
    "customer_id,customer_type,opened_on,customer_name",
    "C1,individual,2020-01-01,王小明",
    "C2,corporate,2021-05-06,远山贸易有限公司",
]
TRANSACTIONS = [
    "transaction_id,customer_id,occurred_at,amount,transaction_type,currency,channel",
    "T1,C1,2025-03-31 09:00:00,12.30,deposit,CNY,app",
    "T2,C1,2025-03-30 23:59:59.5,0.00,transfer_out,,",
    "T3,C2,2025-03-31T10:00:00,1000000,salary,USD,batch",
]


@cache
def contracts() -> dict[str, Contract]:
    """The contracts of the project."""
    return load_contracts()


class Bank:
    """Landing and lake below one folder."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home, threads=2)

    def deliver(
        self,
        entity: str,
        content: Sequence[str] | bytes,
        day: date = DAY,
        name: str = "",
        control: bool = False,
    ) -> Path:
        """Write a delivery; lines get the encoding of the contract, a ``.gz`` name compresses."""
        if not isinstance(content, bytes):
            content = "".join(f"{line}\n" for line in content).encode(contracts()[entity].encoding)
        rows = content.count(b"\n") - 1
        file = self.settings.landing / entity / str(day) / (name or f"{entity}.csv")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)
        if control:
            self.control(file, rows)
        return file

    def control(self, file: Path, rows: int, sha256: str = "") -> Path:
        """Write the control file of a delivered file."""
        sha256 = sha256 or hashlib.sha256(file.read_bytes()).hexdigest()
        target = file.with_name(f"{file.name}.ctl")
        target.write_text(f"rows={rows}\nsha256={sha256}\n")
        return target

    def load(self, entity: str, *days: date) -> loader.LoadResult:
        """Load dates of one entity, by default the first day."""
        contract = contracts()[entity]
        parents = {parent: contracts()[parent] for _, parent, _ in contract.references}
        known = {entity: contract, **parents}
        return loader.load(self.settings, contract, days or (DAY,), known, progress=lambda text: None)

    def rows(self, kind: str, entity: str, columns: str = "*", order: str = "all") -> list[Any]:
        """Rows of a part of the lake; single columns as plain values."""
        files = f"{self.settings.lake}/{kind}/{entity}/*/*.parquet"
        found = duckdb.execute(f"select {columns} from read_parquet('{files}') order by {order}").fetchall()
        return [row[0] if len(row) == 1 else row for row in found]

    def rejects(self, entity: str) -> list[tuple[str, int, str | None, str]]:
        """File, line, column and reason of every reject."""
        return self.rows("rejects", entity, "file, line, column_name, reason")

    def files(self, kind: str) -> dict[str, bytes]:
        """Every file of a part of the lake with its content, to tell whether anything changed."""
        folder = self.settings.lake / kind
        return {
            str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.parquet"))
        }

    def tables(self, kind: str, entity: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of every file of an entity, in the order of the file."""
        folder = self.settings.lake / kind / entity
        return {
            str(file.relative_to(folder)): pq.read_table(file).to_pylist()
            for file in sorted(folder.rglob("*.parquet"))
        }


def deliver_empty_day(home: Path, day: str) -> None:
    """Deliver the required entities of a day on which nothing happened."""
    for entity, file in (("customers", "customers.csv"), ("transactions", "transactions.csv")):
        before = sorted((home / "landing" / entity).iterdir())[-1]
        folder = home / "landing" / entity / day
        folder.mkdir()
        header = next(iter((before / file).read_bytes().split(b"\n")))
        (folder / file).write_bytes(header + b"\n")
