"""The queries saved with a dashboard's charts and filters, and whether a request asks for more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

WHOLE_RESULTS = ("full", "results", "post_processed")
QUICK_STEPS = {
    "aggregate",
    "contribution",
    "cum",
    "flatten",
    "histogram",
    "pivot",
    "rank",
    "rename",
    "select",
    "sort",
}
"""What a browser has done to a result; the other steps can make many rows of few."""
ELSEWHERE = ("annotation_layers", "datasource", "time_offsets")
"""With these a query asks for other data as well."""


@dataclass(frozen=True)
class Saved:
    """What a chart or a filter of a dashboard asks.

    Attributes:
        dataset: Id of its dataset.
        parts: Columns and metrics: their names, or their SQL.
        conditions: The SQL of its conditions.
    """

    dataset: int
    parts: frozenset[str]
    conditions: frozenset[str] = frozenset()


def asks_no_more(body: Mapping[str, Any], saved: Saved) -> bool:
    """Say whether a chart's request asks only for what was saved; its filters choose among values."""
    queries = body.get("queries") or []
    return (
        body.get("datasource") == {"id": saved.dataset, "type": "table"}
        and body.get("result_type", "full") in WHOLE_RESULTS
        and all(
            not any(query.get(name) for name in ELSEWHERE)
            and query.get("result_type") in (None, *WHOLE_RESULTS)
            and {step["operation"] for step in query.get("post_processing") or [] if step} <= QUICK_STEPS
            and set(_parts(query)) <= saved.parts
            and set(_conditions(query)) <= saved.conditions
            for query in queries
        )
    )


def _parts(query: Mapping[str, Any]) -> Iterator[str]:
    columns = [*(query.get("columns") or []), *(query.get("groupby") or [])]
    metrics = [*(query.get("metrics") or []), query.get("series_limit_metric")]
    order = [part[0] for part in query.get("orderby") or []]
    subjects = [part.get("col") for part in query.get("filters") or [] if isinstance(part.get("col"), dict)]
    series = query.get("series_columns") or []
    for part in (*columns, *metrics, *order, *subjects, *series):
        if part:
            yield _text(part)


def _text(part: Any) -> str:
    """Return a column's or metric's name, or what it computes."""
    if isinstance(part, str):
        return part
    column = part.get("column") or {}
    return str(part.get("sqlExpression") or f"{part.get('aggregate')} of {column.get('column_name')}")


def _conditions(query: Mapping[str, Any]) -> Iterator[str]:
    extras = query.get("extras") or {}
    return (extras[name] for name in ("where", "having") if extras.get(name))


def saved_queries(dataset: int, queries: Iterable[Mapping[str, Any]]) -> Saved:
    """Return what the stored queries of a chart ask."""
    queries = list(queries)
    return Saved(
        dataset=dataset,
        parts=frozenset(part for query in queries for part in _parts(query)),
        conditions=frozenset(text for query in queries for text in _conditions(query)),
    )
