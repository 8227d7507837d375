"""What a metric of a dataset may be: a sum, a formula of ``metrics.sql``, or a text about other metrics.

Nothing else, so that no meaning hides in a dataset: a number that cannot be summed is a macro of dbt's
``macros/metrics.sql``, which the models use as well (D-43).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from expanding import texts
from expanding.folder import AssetError

METRICS_FILE = Path(__file__).resolve().parents[2] / "dbt_project" / "macros" / "metrics.sql"
AGGREGATES = {
    "sum": "sum({})",
    "min": "min({})",
    "max": "max({})",
    "count": "count({})",
    "count distinct": "count(distinct {})",
    "count if": "count(*) filter (where {})",
}
VALUE = re.compile(rf"({'|'.join(AGGREGATES)}) ([a-z]\w*)")
KINDS = ("value", "formula", "text")
KEYS = {"label", "description", "format", "of", "empty", *KINDS}


def expressions(metrics: Mapping[str, Mapping[str, Any]], columns: Collection[str]) -> dict[str, str]:
    """Return the SQL of each metric.

    Args:
        metrics: The metrics as the short file tells them.
        columns: The columns of their dataset.

    Raises:
        AssetError: A metric is none of the three, or names a column, formula or metric that is not there.
    """
    found: dict[str, str] = {}
    for name, metric in metrics.items():
        try:
            found[name] = _expression(metric, columns, found)
        except AssetError as error:
            raise AssetError(f"metric {name}: {error}") from error
    return found


def _expression(metric: Mapping[str, Any], columns: Collection[str], known: Mapping[str, str]) -> str:
    if unknown := sorted(set(metric) - KEYS):
        raise AssetError(
            f"{unknown[0]!r} is not known; a metric is a value (sum of a column, say), "
            f"a formula of {METRICS_FILE.name}, or a text"
        )
    kinds = [kind for kind in KINDS if kind in metric]
    if len(kinds) != 1:
        raise AssetError(f"it must be one of {', '.join(KINDS)}")
    if kinds == ["value"]:
        return value(metric["value"], columns)
    if kinds == ["formula"]:
        return formula(metric["formula"], [value(part, columns) for part in metric.get("of", [])])
    return texts.expression(metric["text"], known, metric.get("empty"))


def value(text: str, columns: Collection[str]) -> str:
    """Return the SQL of ``sum customers``: an aggregate of one column.

    Raises:
        AssetError: It is something else, or there is no such column.
    """
    found = VALUE.fullmatch(str(text))
    if found is None:
        raise AssetError(f"{text!r} is not an aggregate ({', '.join(AGGREGATES)}) of one column")
    if found[2] not in columns:
        raise AssetError(f"there is no column {found[2]}")
    return AGGREGATES[found[1]].format(found[2])


def formula(name: str, arguments: list[str]) -> str:
    """Return the SQL of a formula.

    Raises:
        AssetError: There is none of that name, or it takes other arguments.
    """
    macro = _formulas().get(name)
    if macro is None:
        raise AssetError(f"{METRICS_FILE.name} has no formula {name!r}")
    if len(arguments) != len(macro.arguments):
        raise AssetError(f"{name} takes {', '.join(macro.arguments)}")
    return " ".join(str(macro(*arguments)).split())


def names() -> set[str]:
    """Return the names of all formulas."""
    return set(_formulas())


@cache
def _formulas() -> dict[str, Any]:
    environment = Environment(undefined=StrictUndefined)  # noqa: S701 (SQL, not a page)
    module = environment.from_string(METRICS_FILE.read_text(encoding="utf-8")).module
    return {name: macro for name, macro in vars(module).items() if hasattr(macro, "arguments")}
