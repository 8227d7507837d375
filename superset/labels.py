"""Bilingual column labels for the datasets, generated from dbt's YAML into ``assets/columns.yaml``.

Run ``python superset/labels.py`` after a public table's YAML changed; ``--check`` only compares.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
MODELS = HERE.parent / "dbt_project" / "models"
HEADER = "# Generated from dbt_project/models by superset/labels.py: change the label there, then run it again.\n"
ACRONYMS = {"aum": "AUM", "id": "number", "nps": "NPS", "rfm": "RFM", "r": "R", "f": "F", "m": "M", "ci": "CI"}
DROPPED_SUFFIXES = ("_label", "_name", "_amount", "_date")


class LabelError(ValueError):
    """A served column has no description or no Chinese label."""


def english(name: str, siblings: Iterable[str]) -> str:
    """Return the English label of a column, e.g. ``tier_label`` → ``Tier``.

    Args:
        name: The column.
        siblings: The columns of the same table: a code that has a label column is called a code.
    """
    if f"{name}_label" in siblings:
        return f"{english(name + '_label', ())} code"
    flag = name.startswith("is_")
    bare = name.removeprefix("is_")
    for suffix in DROPPED_SUFFIXES:
        if not flag and bare.endswith(suffix) and bare != suffix[1:]:
            bare = bare.removesuffix(suffix)
            break
    words = " ".join(ACRONYMS.get(word, word) for word in bare.split("_"))
    text = words[:1].upper() + words[1:]
    return f"{text}?" if flag else text


def columns_of(model: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return type, label and description of each column of one dbt model.

    Raises:
        LabelError: A column lacks a description, a type or ``meta.label_zh``.
    """
    names = [column["name"] for column in model["columns"]]
    described = {}
    for column in model["columns"]:
        meta = {**column.get("meta", {}), **column.get("config", {}).get("meta", {})}
        missing = [key for key in ("description", "data_type") if not column.get(key)]
        if missing or "label_zh" not in meta:
            raise LabelError(
                f"{model['name']}.{column['name']}: give it {', '.join(missing) or 'meta.label_zh'} in dbt's YAML"
            )
        described[column["name"]] = {
            "type": str(column["data_type"]).upper(),
            "label": f"{meta.get('label_en') or english(column['name'], names)} {meta['label_zh']}",
            "description": " ".join(str(column["description"]).split()),
        }
    return described


def generate(models: Path, tables: Iterable[str]) -> str:
    """Return the text of ``columns.yaml``.

    Args:
        models: dbt's model folder.
        tables: The public tables that datasets are built on.

    Raises:
        LabelError: A table is not described in dbt's YAML, or not completely.
    """
    described = {
        model["name"]: model
        for file in sorted([*models.rglob("*.yml"), *models.rglob("*.yaml")])
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    }
    wanted = sorted(tables)
    if absent := [table for table in wanted if table not in described]:
        raise LabelError(f"dbt's YAML does not describe {', '.join(absent)}")
    labelled = {table: columns_of(described[table]) for table in wanted}
    return HEADER + yaml.safe_dump(labelled, allow_unicode=True, sort_keys=False, width=1000)


def tables_used(assets: Path) -> set[str]:
    """Return the tables on which datasets are built directly."""
    documents = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in (assets / "datasets").glob("*.yaml"))
    return {document["table"] for document in documents if "table" in document}


def main(arguments: list[str] | None = None) -> int:
    """Write ``assets/columns.yaml``, or with ``--check`` say whether it is out of date."""
    parser = argparse.ArgumentParser(description="Generate the datasets' column labels from dbt's YAML.")
    parser.add_argument("--models", type=Path, default=MODELS, help="dbt's model folder")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when out of date")
    options = parser.parse_args(arguments)
    text = generate(options.models, tables_used(ASSETS))
    file = ASSETS / "columns.yaml"
    if not options.check:
        file.write_text(text, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        print(f"{file.name} is out of date; run: .venv/bin/python superset/labels.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
