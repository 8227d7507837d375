"""Tells dbt which dashboards use which models: ``superset/exposures.py <file>`` writes its exposures.

They are made from ``assets/`` whenever the models are parsed, and are never kept in git (D-44).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import runtime
import yaml
from expanding import folder


def exposures(assets: folder.Assets) -> dict[str, Any]:
    """Return one exposure per dashboard, with the datasets it shows in its ``meta``."""
    return {
        "version": 2,
        "exposures": [_exposure(assets, dashboard) for dashboard in assets.dashboards.values()],
    }


def _exposure(assets: folder.Assets, dashboard: folder.Dashboard) -> dict[str, Any]:
    datasets = {name: assets.all_datasets[name] for name in assets.datasets_of(dashboard.slug)}
    tables = sorted({str(dataset["table"]) for dataset in datasets.values()})
    return {
        "name": dashboard.slug.replace("-", "_"),
        "label": dashboard.document["title"],
        "type": "dashboard",
        "url": f"/superset/dashboard/{dashboard.slug}/",
        "description": dashboard.document["description"],
        "owner": {"name": dashboard.document["owner"]},
        "depends_on": [f"ref('{table}')" for table in tables],
        "config": {
            "meta": {
                "dashboard": dashboard.slug,
                "datasets": {
                    name: {"table": dataset["table"], "description": dataset["description"]}
                    for name, dataset in datasets.items()
                },
            }
        },
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the exposures of all dashboards."""
    parser = argparse.ArgumentParser(description="Write dbt's exposures from the dashboards' files.")
    parser.add_argument("file", type=Path)
    file = parser.parse_args(arguments).file
    file.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(exposures(folder.read(runtime.ASSETS)), allow_unicode=True, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
