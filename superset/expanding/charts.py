"""Charts: the parameters of a visualisation, and the query that its browser code would send."""

from __future__ import annotations

import json

from expanding import query_context
from expanding.folder import Document
from expanding.names import asset_uuid


def chart_document(document: Document, dataset: str) -> Document:
    """Return Superset's document of a chart.

    Args:
        document: The short file.
        dataset: The full name of its dataset.
    """
    params = {"viz_type": document["viz_type"], "color_scheme": "clientele", **document["params"]}
    params.setdefault("linear_color_scheme", "clientele_blue")
    params["adhoc_filters"] = [_simple_filter(condition) for condition in params.pop("filters", [])]
    return {
        "slice_name": document["title"],
        "description": document["question"],
        "viz_type": document["viz_type"],
        "dataset_uuid": asset_uuid("datasets", dataset),
        "params": params,
        "query_context": json.dumps(query_context.build(params), ensure_ascii=False),
    }


def _simple_filter(condition: Document) -> Document:
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": condition["column"],
        "operator": condition["operator"],
        "comparator": condition["value"],
    }
