"""The query of a chart, as Superset's browser code would send it.

Stored with each chart, it lets the chart be asked through the API, with no browser.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def build(params: dict[str, Any]) -> dict[str, Any]:
    """Return the query context of a chart; the importer fills in the dataset.

    Args:
        params: The chart's parameters. A chart with ``metrics_b`` asks twice.
    """
    suffixes = ("", "_b") if "metrics_b" in params else ("",)
    return {
        "datasource": {},
        "force": False,
        "queries": [_query(params, suffix) for suffix in suffixes],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }


def _query(params: dict[str, Any], suffix: str) -> dict[str, Any]:
    columns = _names(params, ("x_axis", "source", "target", f"groupby{suffix}"))
    metrics = _names(params, ("metric", f"metrics{suffix}"))
    order = params.get("timeseries_limit_metric")
    return {
        "columns": [_column(name, params) for name in columns],
        "metrics": metrics,
        "filters": [
            {"col": part["subject"], "op": part["operator"], "val": part["comparator"]}
            for part in params["adhoc_filters"]
        ],
        "orderby": [[order, False]] if order else [],
        "row_limit": params["row_limit"],
        "extras": {"time_grain_sqla": params["time_grain_sqla"]} if "time_grain_sqla" in params else {},
    }


def _names(params: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    values = [params[key] for key in keys if params.get(key)]
    return [name for value in values for name in ([value] if isinstance(value, str) else value)]


def _column(name: str, params: dict[str, Any]) -> Any:
    if name != params.get("x_axis") or "time_grain_sqla" not in params:
        return name
    return {
        "columnType": "BASE_AXIS",
        "expressionType": "SQL",
        "label": name,
        "sqlExpression": name,
        "timeGrain": params["time_grain_sqla"],
    }


def names_used(document: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the columns and the metrics that an expanded chart queries."""
    columns: set[str] = set()
    metrics: set[str] = set()
    for query in json.loads(document["query_context"])["queries"]:
        columns |= {name if isinstance(name, str) else name["label"] for name in query["columns"]}
        columns |= {condition["col"] for condition in query["filters"]}
        metrics |= {*query["metrics"], *(name for name, _ in query["orderby"])}
    return columns, metrics
