"""How dbt is called: its environment, its manifest, and the version of models and policy."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clientele import policy, state_files
from clientele.checksums import file_sha256
from clientele.policy import POLICY
from clientele.settings import ROOT, Settings
from clientele.sql import files_like
from orchestration.processes import child

PROJECT = ROOT / "dbt_project"
DASHBOARDS = ROOT / "superset" / "assets"
_EXPOSURES = ROOT / "superset" / "exposures.py"
_SOURCES = ("models", "macros", "tests", "dbt_project.yml", "profiles.yml")
_NUMBERS = ("models", "macros")
"""What decides on the numbers; tests do not."""


class ManifestError(RuntimeError):
    """dbt could not parse the project."""


def environment(settings: Settings) -> dict[str, str]:
    """The variables dbt's profile and sources read."""
    return {
        "DBT_TARGET": settings.target,
        "DBT_WAREHOUSE": str(settings.warehouse),
        "DBT_LAKE": lake_pattern(settings.lake),
        "DBT_TEMP": str(settings.warehouse.parent / "tmp"),
        "DBT_THREADS": str(settings.threads),
        "DBT_MEMORY_LIMIT": f"{settings.memory_limit_gb}GB",
        "DBT_TARGET_PATH": str(settings.dbt_target),
        "DBT_EXPOSURES": str(settings.dbt_target / "exposures"),
        "DBT_LOG_PATH": str(settings.dbt_target / "logs"),
        # A quarter of a day's models was spent on a debug log; what people read is in refresh.log.
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def lake_pattern(lake: Path) -> str:
    """The lake as it stands between quotation marks in the sources, whatever characters its path has."""
    return files_like(lake, "")[1:-2].replace("{", "{{").replace("}", "}}")


def model_version() -> str:
    """Hash of everything that decides on a number: models, macros and policy, not their descriptions."""
    numbers = [PROJECT / name for name in _NUMBERS]
    return _hash_of(*numbers, *policy.files_of_numbers(), endings=(".sql",))


@dataclass(frozen=True)
class Manifest:
    """What dbt knows about the project.

    Attributes:
        path: The manifest file.
    """

    path: Path

    @cached_property
    def content(self) -> dict[str, Any]:
        """The parsed manifest."""
        content: dict[str, Any] = json.loads(self.path.read_text())
        return content

    def relations(self, *kinds: str) -> list[str]:
        """Names of the relations of some kinds (model, seed) that a build creates."""
        return [
            node["name"]
            for node in self.content["nodes"].values()
            if node["resource_type"] in kinds and node["config"]["materialized"] != "ephemeral"
        ]

    @cached_property
    def public_models(self) -> dict[str, Mapping[str, Any]]:
        """The models readers may rely on, by name: those with ``access: public``."""
        return {
            node["name"]: node
            for node in self.content["nodes"].values()
            if node["resource_type"] == "model" and node["access"] == "public"
        }

    def public_columns(self) -> dict[str, dict[str, str]]:
        """Contracted columns and their types, by public table."""
        return {
            name: {column: details["data_type"] for column, details in node["columns"].items()}
            for name, node in self.public_models.items()
        }

    @cached_property
    def dashboards(self) -> list[Mapping[str, Any]]:
        """The dashboards that stand on the models: dbt's exposures."""
        return list(self.content["exposures"].values())

    def public_keys(self) -> dict[str, list[str]]:
        """Key columns, by public table."""
        return {name: list(node["config"]["meta"]["key"]) for name, node in self.public_models.items()}


def manifest(settings: Settings) -> Manifest:
    """The manifest of the project as it is now; parsed again when a file of it has changed.

    Raises:
        ManifestError: dbt could not parse the project.
    """
    # dbt writes its own at every build, and a full disk cuts it off; what we read is ours, written whole.
    file, stamp = (
        settings.dbt_target / "project" / "manifest.json",
        settings.dbt_target / "project" / "stamp.json",
    )
    sources = _hash_of(*(PROJECT / name for name in _SOURCES), POLICY, DASHBOARDS, _EXPOSURES)
    if not file.exists() or state_files.read_json(stamp) != {
        "sources": sources,
        "manifest": file_sha256(file),
    }:
        _write_exposures(settings)
        done = subprocess.run(
            child.bound([executable(), "parse"]),
            cwd=PROJECT,
            env=os.environ | environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ManifestError(f"dbt could not parse {PROJECT.name}:\n{done.stdout}{done.stderr}")
        state_files.write_text(file, (settings.dbt_target / "manifest.json").read_text(encoding="utf-8"))
        state_files.write_json(stamp, {"sources": sources, "manifest": file_sha256(file)})
    return Manifest(file)


def _write_exposures(settings: Settings) -> None:
    file = settings.dbt_target / "exposures" / "dashboards.yml"
    done = subprocess.run(
        child.bound([sys.executable, str(_EXPOSURES), str(file)]), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ManifestError(f"the dashboards in {DASHBOARDS} cannot be read:\n{done.stderr}")


def executable() -> str:
    """The dbt beside this Python."""
    return str(Path(sys.executable).parent / "dbt")


def _hash_of(*paths: Path, endings: tuple[str, ...] = ("",)) -> str:
    total = hashlib.sha256()
    for path in paths:
        files = (
            sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith(endings))
            if path.is_dir()
            else [path]
        )
        for file in files:
            total.update(f"{file.relative_to(ROOT)}\n".encode())
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]
