"""Turns the short YAML of ``assets/`` into the documents Superset imports.

References are slugs; UUIDs are the UUIDv5 of kind and full name, so they are the same on every machine and
need not be written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from string import Template

import yaml

from expanding import policy
from expanding.charts import chart_document
from expanding.dashboards import dashboard_document
from expanding.datasets import COLUMNS_FILE, dataset_document
from expanding.folder import Assets, Document, read, read_mapping
from expanding.names import asset_uuid


def expand(folder: Path, values: Mapping[str, str], on: date) -> dict[str, Document]:
    """Return Superset's import documents by file name, e.g. ``charts/executive-overview/nps_trend.yaml``.

    Args:
        folder: The assets.
        values: What replaces ``${name}`` in the database document.
        on: The day whose policy the texts tell.

    Raises:
        AssetError: A reference leads nowhere, or a document is incomplete.
    """
    assets = read(folder)
    return {
        f"{kind}/{name}.yaml": {
            **policy.filled(document, on),
            "uuid": asset_uuid(kind, name),
            "version": "1.0.0",
            # Ours to replace and to prune; what people make in the browser is not.
            "is_managed_externally": True,
        }
        for kind, name, document in _expanded(assets, values, on)
    }


def _expanded(assets: Assets, values: Mapping[str, str], on: date) -> Iterator[tuple[str, str, Document]]:
    labelled = read_mapping(assets.folder / COLUMNS_FILE)
    for name, document in assets.databases.items():
        yield "databases", name, _database(document, values)
    for name, document in assets.all_datasets.items():
        # Filled first: a text becomes SQL, in which nobody looks for names of policy.
        yield "datasets", name, dataset_document(name, policy.filled(document, on), labelled)
    for dashboard in assets.dashboards.values():
        for slug, document in dashboard.charts.items():
            dataset = assets.dataset_of(dashboard.slug, document["dataset"])
            yield "charts", f"{dashboard.slug}/{slug}", chart_document(document, dataset)
    for name in assets.dashboards:
        yield "dashboards", name, dashboard_document(assets, name, policy.colours(on))


def _database(document: Document, values: Mapping[str, str]) -> Document:
    filled: Document = yaml.safe_load(
        Template(yaml.safe_dump(document, allow_unicode=True)).substitute(values)
    )
    return filled
