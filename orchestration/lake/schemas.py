"""What the files of the lake hold: Arrow schemas, and the records of deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clientele.contracts import Contract
from clientele.lake_folders import SCHEMA_DATE, partition
from clientele.settings import Settings

_TYPES = {
    "varchar": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
REJECTS = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("raw_text", pa.string()),
    ]
)
AUDIT = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("file_sha256", pa.string()),
        ("lines", pa.int64()),
        ("loaded", pa.int64()),
        ("rejected", pa.int64()),
        ("extra_columns", pa.string()),
        ("missing_columns", pa.string()),
        ("delivery_version", pa.string()),
        ("delivery_signature", pa.string()),
        ("status", pa.string()),
        ("lake_sha256", pa.string()),
        ("found_columns", pa.string()),
    ]
)
REFUSALS = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("delivery_version", pa.string()),
    ]
)


@dataclass(frozen=True)
class FileAudit:
    """The outcome of one delivered file; ``lines`` are records, without header and blank lines.

    With the status ``healed`` the file is of an earlier date, and the lines are those that were accepted now.
    ``lake_sha256`` is the checksum of the partition's own files, the same in each of its audits. Columns are
    separated by commas: ``found_columns`` are those of the contract that the file has, empty in audits from
    before they were noted; ``missing_columns`` the others; ``extra_columns`` those unknown to the contract.
    """

    entity: str
    business_date: date
    file: str
    file_sha256: str
    lines: int
    loaded: int
    rejected: int
    extra_columns: str
    missing_columns: str
    delivery_version: str
    delivery_signature: str
    status: str
    lake_sha256: str = ""
    found_columns: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why a delivery was refused as a whole."""

    entity: str
    business_date: date
    file: str
    column_name: str | None
    reason: str
    delivery_version: str


def raw_schema(contract: Contract) -> pa.Schema:
    """The columns of a loaded row: those of the contract, then where the row came from.

    ``absent_columns`` names the columns that its file did not have, separated by commas; null for none.
    """
    columns = [(column.name, _arrow_type(column.type)) for column in contract.columns]
    absent = [("absent_columns", pa.string())] if contract.keeps_known else []
    return pa.schema([*columns, ("source_file", pa.string()), ("source_line", pa.int64()), *absent])


def waiting_schema(contract: Contract) -> pa.Schema:
    """The columns of a row that fits its contract and was rejected for what other deliveries say."""
    return pa.schema([*raw_schema(contract), ("waits_for", pa.string()), ("reason", pa.string())])


def ensure_schemas(settings: Settings, contracts: Mapping[str, Contract]) -> None:
    """Write the zero-row partitions of every entity; those that are up to date stay untouched.

    Args:
        settings: Where the lake is.
        contracts: The contracts of all entities.
    """
    for entity, contract in contracts.items():
        kinds = {
            "raw": raw_schema(contract),
            "rejects": REJECTS,
            "waiting": waiting_schema(contract),
            "audit": AUDIT,
            "refusals": REFUSALS,
        }
        for kind, schema in kinds.items():
            file = partition(settings.lake, kind, entity, SCHEMA_DATE) / "schema.parquet"
            if not file.exists() or pq.read_schema(file) != schema:
                write(file, schema, [])


def write(file: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    """Write a small Parquet file in one step; keys that the schema does not name are left out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".tmp")
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), unfinished, compression="zstd")
    unfinished.replace(file)


def _arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("decimal"):
        precision, scale = kind[len("decimal(") : -1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _TYPES[kind]
