"""Dashboards: rows of charts, filters, colours and a style."""

from __future__ import annotations

from collections.abc import Mapping

from expanding.folder import AssetError, Assets, Dashboard, Document
from expanding.names import asset_uuid

GRID_COLUMNS = 12
STYLE_FILE = "style.css"
KEYS = {"title", "description", "owner", "roles", "refresh_seconds", "colours", "filters", "rows"}


def dashboard_document(assets: Assets, slug: str, label_colours: Mapping[str, str]) -> Document:
    """Return Superset's document of a dashboard.

    Args:
        assets: All short files.
        slug: The dashboard.
        label_colours: The colour of each label of policy.

    Raises:
        AssetError: It places a chart that is not there, or twice; or a row does not fill the grid.
    """
    dashboard = assets.dashboards[slug]
    document = dashboard.document
    if unknown := sorted(set(document) ^ KEYS):
        raise AssetError(f"dashboards/{slug}: {unknown[0]!r} is missing or not known")
    placed = [chart for row in document["rows"] for chart in row["charts"]]
    unknown = [chart for chart in placed if chart not in dashboard.charts]
    if unknown or len(set(placed)) < len(placed):
        raise AssetError(f"dashboards/{slug}: unknown or repeated charts: {unknown or sorted(placed)}")
    # Superset replaces these numbers by its own; they only have to exist and to be unique.
    chart_ids = {chart: number for number, chart in enumerate(placed, start=1)}
    style = dashboard.folder / STYLE_FILE
    return {
        "dashboard_title": document["title"],
        "description": document["description"],
        "slug": slug,
        "published": True,
        "css": style.read_text(encoding="utf-8") if style.exists() else "",
        "position": _position(dashboard, chart_ids),
        "metadata": {
            "color_scheme": "clientele",
            "label_colors": {**label_colours, **document["colours"]},
            "cross_filters_enabled": False,
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [
                _native_filter(assets, slug, entry, chart_ids) for entry in document["filters"]
            ],
            "refresh_frequency": document["refresh_seconds"],
        },
    }


def _position(dashboard: Dashboard, chart_ids: Mapping[str, int]) -> Document:
    rows = {f"ROW-{number}": row for number, row in enumerate(dashboard.document["rows"], start=1)}
    position: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": list(rows), "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.document["title"]}},
    }
    for row_id, row in rows.items():
        width = sum(row["charts"].values())
        if width != GRID_COLUMNS:
            raise AssetError(
                f"dashboards/{dashboard.slug}: {row_id} is {width} columns wide; a row has {GRID_COLUMNS}"
            )
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
                    "uuid": asset_uuid("charts", f"{dashboard.slug}/{chart}"),
                    "sliceName": dashboard.charts[chart]["title"],
                    "width": columns,
                    "height": row["height"],
                },
            }
    return position


def _native_filter(assets: Assets, slug: str, entry: Document, chart_ids: Mapping[str, int]) -> Document:
    latest_first = entry.get("latest_first", False)
    dataset = asset_uuid("datasets", assets.dataset_of(slug, entry["dataset"]))
    return {
        "id": f"NATIVE_FILTER-{asset_uuid('filters', slug + '/' + entry['column'])}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        # The dashboard waits for this filter's first value instead of drawing everything unfiltered first.
        "requiredFirst": latest_first,
        "name": entry["name"],
        "description": "",
        "targets": [{"datasetUuid": dataset, "column": {"name": entry["column"]}}],
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
