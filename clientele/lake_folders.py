"""The folders of the lake's partitions, which the loader writes and the gates and the models read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

SCHEMA_DATE = date.max
"""Partition with the schema and no rows: readers find every column of entities never delivered.

It comes last: DuckDB estimates the rows of a folder from its first file, and with an empty one it would
build its hash tables on the largest input (D-26)."""
PREFIX = "business_date="
"""Begins the name of every partition."""


def label(day: date | str) -> str:
    """Name of the folder of a partition."""
    return f"{PREFIX}{day}"


def partition(lake: Path, kind: str, entity: str, day: date) -> Path:
    """The folder of one partition; ``kind`` is raw, rejects, waiting, audit or refusals."""
    return lake / kind / entity / label(day)
