"""Datasets: a public table with labels, texts and sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expanding import formulas, texts
from expanding.folder import AssetError, Document
from expanding.names import DATABASE, asset_uuid

SCHEMA = "main"
COLUMNS_FILE = "columns.yaml"
KEYS = {"table", "description", "time_column", "columns", "metrics"}
COLUMN_KEYS = {"label", "description", "text"}


def dataset_document(name: str, document: Document, labelled: Mapping[str, Document]) -> Document:
    """Return Superset's document of a dataset.

    Args:
        name: Its full name, for messages.
        document: The short file.
        labelled: The columns of the public tables with type, label and description.

    Raises:
        AssetError: The file holds a query or a formula, or names what is not there; the message says which.
    """
    try:
        return _document(document, labelled)
    except AssetError as error:
        raise AssetError(f"datasets/{name}: {error}") from error


def _document(document: Document, labelled: Mapping[str, Document]) -> Document:
    if unknown := sorted(set(document) - KEYS):
        raise AssetError(
            f"{unknown[0]!r} is not known; a dataset is a table, and may hold {', '.join(sorted(KEYS))}"
        )
    table, time_column = document["table"], document.get("time_column")
    if table not in labelled:
        raise AssetError(f"{COLUMNS_FILE} does not describe {table}; run `make docs`")
    columns = {**labelled[table], **_written(document.get("columns", {}), labelled[table])}
    sql = formulas.expressions(document["metrics"], labelled[table])
    return {
        "table_name": table,
        "schema": SCHEMA,
        "sql": None,
        "description": document["description"],
        "main_dttm_col": time_column,
        "database_uuid": asset_uuid("databases", DATABASE),
        "columns": [_column(column, told, time_column) for column, told in columns.items()],
        "metrics": [_metric(metric, told, sql[metric]) for metric, told in document["metrics"].items()],
    }


def _written(columns: Document, stored: Mapping[str, Any]) -> Document:
    """Columns that are texts about stored ones."""
    for name, column in columns.items():
        if unknown := sorted(set(column) - COLUMN_KEYS):
            raise AssetError(f"column {name}: {unknown[0]!r} is not known; a column of a dataset is a text")
    return {
        name: {
            **column,
            "type": "VARCHAR",
            "expression": texts.expression(column["text"], {part: part for part in stored}),
        }
        for name, column in columns.items()
    }


def _column(name: str, column: Document, time_column: str | None) -> Document:
    return {
        "column_name": name,
        "verbose_name": column.get("label"),
        "description": column.get("description"),
        "type": column.get("type"),
        "expression": column.get("expression"),
        "is_dttm": name == time_column,
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _metric(name: str, metric: Document, expression: str) -> Document:
    return {
        "metric_name": name,
        "verbose_name": metric.get("label"),
        "description": metric.get("description"),
        "expression": expression,
        "d3format": metric.get("format"),
    }
