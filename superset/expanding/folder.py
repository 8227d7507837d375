"""What is in ``assets/``: which file is which dashboard, chart or dataset, and what refers to what.

Reads names and references only, and imports nothing of ours: the pipeline loads this file by itself to know
which tables a dashboard stands on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

DASHBOARD_FILE = "dashboard.yaml"
START_FILE = "start.yaml"
"""Names the dashboard that people are sent to."""

Document = dict[str, Any]


class AssetError(ValueError):
    """An asset file holds something that cannot be imported."""


@dataclass(frozen=True)
class Dashboard:
    """A folder of ``dashboards/``.

    Attributes:
        slug: The folder's name.
        folder: The folder.
        document: Its ``dashboard.yaml``.
        charts: Its charts by slug: the path below ``charts/``, with ``_`` between folders.
        datasets: The datasets that it alone uses, by slug.
    """

    slug: str
    folder: Path
    document: Document
    charts: Mapping[str, Document]
    datasets: Mapping[str, Document]


@dataclass(frozen=True)
class Assets:
    """All short files.

    Attributes:
        folder: Where they lie.
        databases: Databases by slug.
        datasets: Datasets that dashboards share, by slug.
        dashboards: Dashboards by slug.
    """

    folder: Path
    databases: Mapping[str, Document]
    datasets: Mapping[str, Document]
    dashboards: Mapping[str, Dashboard]

    @cached_property
    def all_datasets(self) -> dict[str, Document]:
        """Every dataset by its full name: ``portfolio``, or ``executive-overview/lifecycle_flow``."""
        own = {
            f"{dashboard.slug}/{slug}": document
            for dashboard in self.dashboards.values()
            for slug, document in dashboard.datasets.items()
        }
        return {**self.datasets, **own}

    def dataset_of(self, dashboard: str, named: str) -> str:
        """Return the full name of the dataset that a file of a dashboard calls ``named``.

        Raises:
            AssetError: There is none.
        """
        if named in self.dashboards[dashboard].datasets:
            return f"{dashboard}/{named}"
        if named not in self.datasets:
            raise AssetError(f"dashboards/{dashboard}: there is no dataset {named!r}")
        return named

    def datasets_of(self, dashboard: str) -> list[str]:
        """Return the full names of the datasets that a dashboard shows, in order."""
        charts = self.dashboards[dashboard].charts.values()
        return sorted({self.dataset_of(dashboard, chart["dataset"]) for chart in charts})

    @cached_property
    def start(self) -> str:
        """The dashboard shown after login.

        Raises:
            AssetError: There is none of that name.
        """
        named = str(read_mapping(self.folder / START_FILE)["dashboard"])
        if named not in self.dashboards:
            raise AssetError(f"{START_FILE}: there is no dashboard {named!r}")
        return named


def read(folder: Path) -> Assets:
    """Read the short files.

    Raises:
        AssetError: A file is not a YAML mapping, or a folder of ``dashboards/`` holds no dashboard.
    """
    return Assets(
        folder=folder,
        databases=_documents(folder / "databases"),
        datasets=_documents(folder / "datasets"),
        dashboards={found.slug: found for found in _dashboards(folder / "dashboards")},
    )


def read_mapping(file: Path) -> Document:
    """Read a YAML mapping.

    Raises:
        AssetError: The file is not there, or not one.
    """
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AssetError(f"{file.parent.name}/{file.name} is missing") from error
    except yaml.YAMLError as error:
        raise AssetError(f"{file.parent.name}/{file.name} is not YAML: {error}") from error
    if not isinstance(document, dict):
        raise AssetError(f"{file.parent.name}/{file.name} is not a YAML mapping")
    return document


def _dashboards(folder: Path) -> Iterator[Dashboard]:
    for own in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield Dashboard(
            slug=own.name,
            folder=own,
            document=read_mapping(own / DASHBOARD_FILE),
            charts=_documents(own / "charts"),
            datasets=_documents(own / "datasets"),
        )


def _documents(folder: Path) -> dict[str, Document]:
    return {
        "_".join(file.relative_to(folder).with_suffix("").parts): read_mapping(file)
        for file in sorted(folder.rglob("*.yaml"))
    }
