"""Checks the dashboards' files without a server.

``.venv/bin/python superset/validate.py [warehouse.duckdb]``: with a served file, every query is also
prepared against it. Prints what is wrong and exits 1. What a file itself may say is checked where it is
expanded: a dataset with a formula is no dataset (`expanding/formulas.py`).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import runtime
import yaml
from expanding import documents as asset_documents
from expanding import folder, query_context
from provisioning import access

VIZ_TYPES = frozenset(
    {
        "big_number",
        "big_number_total",
        "echarts_area",
        "echarts_timeseries_bar",
        "echarts_timeseries_line",
        "funnel",
        "heatmap_v2",
        "histogram_v2",
        "mixed_timeseries",
        "pie",
        "pivot_table_v2",
        "sankey_v2",
        "sunburst_v2",
        "table",
        "treemap_v2",
        "waterfall",
    }
)
NAMED_IN_PARAMS = ("x_axis_sort", "timeseries_limit_metric")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDERS = {"serving_file": "warehouse.duckdb", "spill": "spill", "threads": "2"}
LAST_DAY = date(9999, 12, 31)
"""Without a release there is no date: the policy that holds from now on is told."""

Documents = Mapping[str, Mapping[str, Any]]


def problems(documents: Documents) -> Iterator[str]:
    """Yield the problems of expanded documents: references, labels, layout, filters, SQL."""
    by_uuid = {document["uuid"]: name for name, document in documents.items()}
    for name, document in _of_kind(documents, "datasets"):
        yield from _dataset_problems(name, document)
    for name, document in _of_kind(documents, "charts"):
        yield from _chart_problems(name, document, documents[by_uuid[document["dataset_uuid"]]])
    for name, document in _of_kind(documents, "dashboards"):
        yield from _layout_problems(name, document, by_uuid)
        yield from _filter_problems(name, document, documents, by_uuid)
    yield from _unused(documents)
    yield from _repeated_tables(documents)


def query_problems(documents: Documents, served: Path) -> Iterator[str]:
    """Yield problems with a served file: missing tables or columns, expressions that do not run.

    Args:
        documents: The expanded documents.
        served: A released ``warehouse.duckdb``.
    """
    with duckdb.connect(str(served), read_only=True) as connection:
        for name, document in _of_kind(documents, "datasets"):
            source = document["table_name"]
            stored = [column for column in document["columns"] if not column["expression"]]
            try:
                present = set(connection.sql(f"select * from {source} limit 0").columns)
                for part in [*document["columns"], *document["metrics"]]:
                    if part.get("expression"):
                        connection.sql(f"select {part['expression']} from {source} limit 0").fetchall()
            except duckdb.Error as error:
                yield f"{name}: {str(error).splitlines()[0]}"
                continue
            for column in stored:
                if column["column_name"] not in present:
                    yield f"{name}: the served table has no column {column['column_name']}"


def _of_kind(documents: Documents, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, document) for name, document in documents.items() if name.startswith(f"{kind}/"))


def _is_bilingual(label: str | None) -> bool:
    return bool(label and CHINESE.search(label) and re.search("[A-Za-z]", label))


def _names(dataset: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    return columns, metrics


def _dataset_problems(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    labelled = [(column["column_name"], column) for column in document["columns"]]
    labelled += [(metric["metric_name"], metric) for metric in document["metrics"]]
    for part, described in labelled:
        if not _is_bilingual(described["verbose_name"]):
            yield f"{name}: {part} needs a label in English and Chinese, has {described['verbose_name']!r}"
    columns, metrics = _names(document)
    if len(columns) < len(document["columns"]) or columns & metrics:
        yield f"{name}: a name is used twice: {sorted(columns & metrics)}"


def _chart_problems(name: str, document: Mapping[str, Any], dataset: Mapping[str, Any]) -> Iterator[str]:
    if document["viz_type"] not in VIZ_TYPES:
        yield f"{name}: unknown viz_type {document['viz_type']}"
    if not _is_bilingual(document["slice_name"]):
        yield f"{name}: the title needs English and Chinese"
    if formulas := sorted(set(_formulas(document["params"]))):
        yield f"{name}: a formula in a chart: {formulas[0]}; it may name what its dataset has"
        return
    columns, metrics = _names(dataset)
    used_columns, used_metrics = query_context.names_used(document)
    for missing in sorted(used_columns - columns):
        yield f"{name}: its dataset has no column {missing}"
    for missing in sorted(used_metrics - metrics):
        yield f"{name}: its dataset has no metric {missing}"
    params = document["params"]
    mentioned = {params[key] for key in NAMED_IN_PARAMS if key in params} | set(
        params.get("column_config", {})
    )
    for stray in sorted(mentioned - used_columns - used_metrics):
        yield f"{name}: a parameter mentions {stray}, which the chart does not show"


def _formulas(part: Any) -> Iterator[str]:
    """Yield the SQL that a chart's parameters bring along."""
    if isinstance(part, dict):
        if part.get("expressionType", "SIMPLE") != "SIMPLE" or "sqlExpression" in part:
            yield str(part.get("sqlExpression"))
        for value in part.values():
            yield from _formulas(value)
    elif isinstance(part, list):
        for value in part:
            yield from _formulas(value)


def _placed(dashboard: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    nodes = (node for node in dashboard["position"].values() if isinstance(node, dict))
    return [node["meta"] for node in nodes if node["type"] == "CHART"]


def _layout_problems(name: str, document: Mapping[str, Any], by_uuid: Mapping[str, str]) -> Iterator[str]:
    placed = _placed(document)
    numbers = [meta["chartId"] for meta in placed]
    if len(set(numbers)) < len(numbers):
        yield f"{name}: chart numbers repeat"
    yield from (
        f"{name}: no chart file for {meta['sliceName']}" for meta in placed if meta["uuid"] not in by_uuid
    )
    for node in document["position"].values():
        for child in node.get("children", []) if isinstance(node, dict) else []:
            if child not in document["position"]:
                yield f"{name}: {node['id']} has no child {child}"


def _filter_problems(
    name: str, document: Mapping[str, Any], documents: Documents, by_uuid: Mapping[str, str]
) -> Iterator[str]:
    """A chart whose dataset lacks a filter's column would silently ignore the filter."""
    for native in document["metadata"]["native_filter_configuration"]:
        target = native["targets"][0]
        column = target["column"]["name"]
        if column not in _names(documents[by_uuid[target["datasetUuid"]]])[0]:
            yield f"{name}: the filter {native['name']} asks for {column}, which its dataset does not have"
        for meta in _placed(document):
            if meta["chartId"] in native["scope"]["excluded"]:
                continue
            chart = documents[by_uuid[meta["uuid"]]]
            if column not in _names(documents[by_uuid[chart["dataset_uuid"]]])[0]:
                yield f"{name}: {meta['sliceName']} cannot follow the filter {native['name']}: no {column}"


def _unused(documents: Documents) -> Iterator[str]:
    shown = {
        meta["uuid"] for _, dashboard in _of_kind(documents, "dashboards") for meta in _placed(dashboard)
    }
    asked = {chart["dataset_uuid"] for _, chart in _of_kind(documents, "charts")}
    for name, document in documents.items():
        kind = name.split("/")[0]
        if (kind == "charts" and document["uuid"] not in shown) or (
            kind == "datasets" and document["uuid"] not in asked
        ):
            yield f"{name} is used nowhere"


def _repeated_tables(documents: Documents) -> Iterator[str]:
    """Superset knows one dataset per table: two would overwrite each other."""
    tables = Counter(document["table_name"] for _, document in _of_kind(documents, "datasets"))
    yield from (
        f"{table} has {count} datasets; keep one, in assets/datasets/"
        for table, count in tables.items()
        if count > 1
    )


def main(arguments: list[str] | None = None) -> int:
    """Validate the assets; print the problems."""
    parser = argparse.ArgumentParser(description="Check dashboards, charts and datasets without a server.")
    parser.add_argument(
        "served", nargs="?", type=Path, help="a released warehouse.duckdb to try the queries on"
    )
    options = parser.parse_args(arguments)
    try:
        documents = asset_documents.expand(runtime.ASSETS, PLACEHOLDERS, LAST_DAY)
        roles = yaml.safe_load((runtime.HERE / "roles.yml").read_text(encoding="utf-8"))["roles"]
        assets = folder.read(runtime.ASSETS)
        access.audience(assets, roles)
        print(f"The start dashboard is {assets.start}.")
    except folder.AssetError as error:
        print(error)
        return 1
    found = list(problems(documents))
    if options.served:
        found += query_problems(documents, options.served)
    print("\n".join(found) or f"{len(documents)} assets are consistent.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
