"""Bilingual column labels for the datasets, generated from dbt's doc blocks into ``assets/columns.yaml``.

A doc block of ``models/columns.md`` begins with the label, ``Tier 客户等级``; what the column means follows
after an empty line. Run ``.venv/bin/python superset/labels.py`` after a block or a public table's YAML
changed; ``--check`` compares.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
DBT_PROJECT = HERE.parent / "dbt_project"
HEADER = "# Generated from dbt_project/models/columns.md by superset/labels.py: change the label there.\n"
DOC_BLOCK = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
DOC_REFERENCE = re.compile(r"{{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*}}")

BILINGUAL = re.compile(r"[A-Za-z].* \S*[\u4e00-\u9fff].*")
"""English, then Chinese, on one line."""


class LabelError(ValueError):
    """A served column has no type, no description or no label in both languages."""


def generate(project: Path, tables: Iterable[str]) -> str:
    """Return the text of ``columns.yaml``.

    Args:
        project: The dbt project.
        tables: The public tables that datasets are built on.

    Raises:
        LabelError: A table is not described in dbt's YAML, or not completely.
    """
    docs = {
        name: text.strip()
        for file in sorted(project.rglob("*.md"))
        for name, text in DOC_BLOCK.findall(file.read_text(encoding="utf-8"))
    }
    models = {
        model["name"]: model
        for file in sorted((project / "models").rglob("*.yml"))
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", [])
    }
    wanted = sorted(tables)
    if absent := [table for table in wanted if table not in models]:
        raise LabelError(f"dbt's YAML does not describe {', '.join(absent)}")
    labelled = {table: columns_of(models[table], docs) for table in wanted}
    return HEADER + yaml.safe_dump(labelled, allow_unicode=True, sort_keys=False, width=1000)


def columns_of(model: Mapping[str, Any], docs: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return type, label (``Tier 客户等级``) and description of each column of one dbt model.

    Args:
        model: The model's entry in dbt's YAML.
        docs: The text of each doc block.

    Raises:
        LabelError: A column lacks one of them.
    """
    return {column["name"]: _column(model["name"], column, docs) for column in model["columns"]}


def _column(model: str, column: Mapping[str, Any], docs: Mapping[str, str]) -> dict[str, str]:
    place = f"{model}.{column['name']}"
    if missing := [name for name in ("data_type", "description") if not column.get(name)]:
        raise LabelError(f"{place} has no {', '.join(missing)} in dbt's YAML")
    described = DOC_REFERENCE.sub(lambda found: docs[found[1]], column["description"])
    label, _, text = described.partition("\n\n")
    if not text or not BILINGUAL.fullmatch(label):
        raise LabelError(f"{place} has no label in English and Chinese above its description in columns.md")
    return {"type": column["data_type"].upper(), "label": label, "description": " ".join(text.split())}


def tables_used(assets: Path) -> set[str]:
    """Return the tables that the datasets are built on."""
    return {
        yaml.safe_load(file.read_text(encoding="utf-8"))["table"] for file in assets.rglob("datasets/*.yaml")
    }


def main(arguments: list[str] | None = None) -> int:
    """Write ``assets/columns.yaml``, or with ``--check`` say whether it is out of date."""
    parser = argparse.ArgumentParser(description="Generate the datasets' column labels from dbt's YAML.")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when out of date")
    options = parser.parse_args(arguments)
    text = generate(DBT_PROJECT, tables_used(ASSETS))
    file = ASSETS / "columns.yaml"
    if not options.check:
        file.write_text(text, encoding="utf-8")
    elif not file.exists() or file.read_text(encoding="utf-8") != text:
        print(f"{file.name} is out of date; run: .venv/bin/python superset/labels.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
