"""Turns the short YAML of ``assets/`` into the documents Superset imports.

A file's name is its slug; references are slugs; UUIDs are the UUIDv5 of kind and slug, so they
are the same on every machine and need not be written down.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import query_context
import yaml

KINDS = ("databases", "datasets", "charts", "dashboards")
DATABASE = "clientele"
SCHEMA = "main"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "clientele/superset")
COLUMNS_FILE = "columns.yaml"
GRID_COLUMNS = 12
LABELS_FILE = Path(__file__).resolve().parent.parent / "seeds" / "policy" / "labels" / "labels.csv"
ARROW = "→"
"""Marks the right side of a flow, whose labels would otherwise be those of its left side."""

Document = dict[str, Any]


class AssetError(ValueError):
    """An asset file says something that cannot be imported."""


def asset_uuid(kind: str, slug: str) -> str:
    """Return the stable UUID of an asset, e.g. ``asset_uuid("charts", "nps_trend")``."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{slug}"))


def read(folder: Path) -> dict[str, dict[str, Document]]:
    """Read the short form: kind → slug → document.

    Raises:
        AssetError: A file is not a YAML mapping.
    """
    return {
        kind: {file.stem: _mapping(file) for file in sorted((folder / kind).glob("*.yaml"))} for kind in KINDS
    }


def expand(folder: Path, values: Mapping[str, str]) -> dict[str, Document]:
    """Return Superset's import documents by file name, e.g. ``charts/nps_trend.yaml``.

    Args:
        folder: The assets.
        values: What replaces ``${name}`` in the database document.

    Raises:
        AssetError: A reference leads nowhere, or a document is incomplete.
    """
    short = read(folder)
    columns = _mapping(folder / COLUMNS_FILE)
    makers = {
        "databases": lambda slug, doc: _database(doc, values),
        "datasets": lambda slug, doc: _dataset(folder, slug, doc, columns),
        "charts": lambda slug, doc: _chart(slug, doc, short["datasets"]),
        "dashboards": lambda slug, doc: _dashboard(folder, slug, doc, short),
    }
    return {
        f"{kind}/{slug}.yaml": {
            **makers[kind](slug, document),
            "uuid": asset_uuid(kind, slug),
            "version": "1.0.0",
            # Ours to replace and to prune; what people make in the browser is not.
            "is_managed_externally": True,
        }
        for kind in KINDS
        for slug, document in short[kind].items()
    }


def policy_colours(file: Path) -> dict[str, str]:
    """Return the colour of each label in force in the policy, as the dashboards show it (``贵宾 VIP``).

    Args:
        file: ``seeds/policy/labels/labels.csv``.
    """
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["colour"] and not row["effective_to"]]
    colours = {f"{row['label_zh']} {row['label_en']}": row["colour"] for row in rows}
    return colours | {f"{ARROW} {label}": colour for label, colour in colours.items()}


def _mapping(file: Path) -> Document:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise AssetError(f"{file.parent.name}/{file.name} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise AssetError(f"{file.parent.name}/{file.name} is not a YAML mapping")
    return document


def _database(document: Document, values: Mapping[str, str]) -> Document:
    filled: Document = yaml.safe_load(
        Template(yaml.safe_dump(document, allow_unicode=True)).substitute(values)
    )
    return filled


def _dataset(folder: Path, slug: str, document: Document, labelled: Document) -> Document:
    sql_file = document.get("sql_file")
    table = document.get("table", slug)
    try:
        described = _own_columns(document["columns"], labelled) if sql_file else labelled[table]
    except KeyError as error:
        raise AssetError(f"datasets/{slug}: {COLUMNS_FILE} does not describe {error}") from error
    time_column = document.get("time_column")
    return {
        "table_name": table,
        "schema": SCHEMA,
        "sql": (folder / "datasets" / sql_file).read_text(encoding="utf-8") if sql_file else None,
        "description": document["description"],
        "main_dttm_col": time_column,
        "database_uuid": asset_uuid("databases", DATABASE),
        "columns": [
            _column(name, column, time_column)
            for name, column in {**described, **document.get("calculated", {})}.items()
        ],
        "metrics": [_metric(name, metric) for name, metric in document["metrics"].items()],
    }


def _own_columns(columns: Document, labelled: Document) -> Document:
    """Return the columns of a query; one that only names a table is described as that table's column."""
    return {
        name: labelled[column][name] if isinstance(column, str) else column
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


def _metric(name: str, metric: Document) -> Document:
    return {
        "metric_name": name,
        "verbose_name": metric.get("label"),
        "description": metric.get("description"),
        "expression": metric["expression"],
        "d3format": metric.get("format"),
    }


def _chart(slug: str, document: Document, datasets: Mapping[str, Document]) -> Document:
    if document["dataset"] not in datasets:
        raise AssetError(f"charts/{slug}: there is no dataset {document['dataset']!r}")
    params = {"viz_type": document["viz_type"], "color_scheme": "clientele", **document["params"]}
    params.setdefault("linear_color_scheme", "clientele_blue")
    params["adhoc_filters"] = [_simple_filter(condition) for condition in params.pop("filters", [])]
    return {
        "slice_name": document["title"],
        "description": document["question"],
        "viz_type": document["viz_type"],
        "dataset_uuid": asset_uuid("datasets", document["dataset"]),
        "params": params,
        "query_context": json.dumps(query_context.build(params), ensure_ascii=False),
    }


def _simple_filter(condition: Document) -> Document:
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": condition["column"],
        "operator": condition["operator"],
        "comparator": condition["value"],
    }


def _dashboard(
    folder: Path, slug: str, document: Document, short: Mapping[str, Mapping[str, Document]]
) -> Document:
    placed = [chart for row in document["rows"] for chart in row["charts"]]
    unknown = [chart for chart in placed if chart not in short["charts"]]
    if unknown or len(set(placed)) < len(placed):
        raise AssetError(f"dashboards/{slug}: unknown or repeated charts: {unknown or sorted(placed)}")
    # Superset replaces these numbers by its own; they only have to exist and to be unique.
    chart_ids = {chart: number for number, chart in enumerate(placed, start=1)}
    return {
        "dashboard_title": document["title"],
        "description": document["description"],
        "slug": slug.replace("_", "-"),
        "published": True,
        "css": (folder / "dashboards" / document["css_file"]).read_text(encoding="utf-8"),
        "position": _position(document, chart_ids, short["charts"]),
        "metadata": {
            "color_scheme": "clientele",
            "label_colors": {**policy_colours(LABELS_FILE), **document["colours"]},
            "cross_filters_enabled": False,
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [
                _native_filter(slug, entry, chart_ids) for entry in document["filters"]
            ],
            "refresh_frequency": document["refresh_seconds"],
        },
    }


def _position(document: Document, chart_ids: Mapping[str, int], charts: Mapping[str, Document]) -> Document:
    rows = {f"ROW-{number}": row for number, row in enumerate(document["rows"], start=1)}
    position: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": list(rows), "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": document["title"]}},
    }
    for row_id, row in rows.items():
        width = sum(row["charts"].values())
        if width != GRID_COLUMNS:
            raise AssetError(f"{row_id} is {width} columns wide; a row has {GRID_COLUMNS}")
        position[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": [f"CHART-{chart}" for chart in row["charts"]],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for chart, columns in row["charts"].items():
            position[f"CHART-{chart}"] = {
                "type": "CHART",
                "id": f"CHART-{chart}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row_id],
                "meta": {
                    "chartId": chart_ids[chart],
                    "uuid": asset_uuid("charts", chart),
                    "sliceName": charts[chart]["title"],
                    "width": columns,
                    "height": row["height"],
                },
            }
    return position


def _native_filter(dashboard: str, entry: Document, chart_ids: Mapping[str, int]) -> Document:
    latest_first = entry.get("latest_first", False)
    return {
        "id": f"NATIVE_FILTER-{asset_uuid('filters', dashboard + '/' + entry['column'])}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        # The dashboard waits for this filter's first value instead of drawing everything unfiltered first.
        "requiredFirst": latest_first,
        "name": entry["name"],
        "description": "",
        "targets": [
            {"datasetUuid": asset_uuid("datasets", entry["dataset"]), "column": {"name": entry["column"]}}
        ],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [chart_ids[chart] for chart in entry["ignored_by"]]},
        "cascadeParentIds": [],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "controlValues": {
            "multiSelect": not entry.get("single", False),
            "defaultToFirstItem": latest_first,
            "enableEmptyFilter": latest_first,
            "sortAscending": not latest_first,
            "inverseSelection": False,
            "searchAllOptions": False,
        },
    }
