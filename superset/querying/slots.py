"""Which queries have priority, and how many of the others may run at a time.

A chart of a dashboard that asks what was saved with it always runs. Everything else, SQL Lab first of
all, is ad hoc: it holds at most so many threads of a web worker, one more is refused at once, and it
yields the processor to dashboards.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from typing import Any

from flask import Flask, has_request_context, request

from querying.saved_queries import WHOLE_RESULTS, Saved, asks_no_more, saved_queries

SLOT = "clientele.slot"


class TooManyQueriesError(Exception):
    """The allowed number of ad-hoc queries is already running."""


class Slots:
    """The threads of this process that ad-hoc queries may hold."""

    def __init__(self, limit: int) -> None:
        """Let ``limit`` requests run ad-hoc queries at a time."""
        self._limit = limit
        self._lock = threading.Lock()
        self._held = 0

    def admit(self, after_query: ExitStack) -> bool:
        """Let the query of the request at hand run; say whether it is ad hoc.

        A request keeps its slot to its end: what is done with the result takes time as well. Outside
        of requests (a download that is being streamed) the slot is given back after the query.

        Raises:
            TooManyQueriesError: No slot is free; the message is for the user.
        """
        if asks_what_is_saved():
            return False
        if not has_request_context():
            self._take()
            after_query.callback(self._give_back)
        elif SLOT not in request.environ:
            self._take()
            request.environ[SLOT] = True
        return True

    def install(self, app: Flask) -> None:
        """Give slots back at the end of requests."""

        @app.teardown_request
        def _end(_: BaseException | None) -> None:
            if request.environ.pop(SLOT, False):
                self._give_back()

    def _take(self) -> None:
        with self._lock:
            if self._held >= self._limit:
                raise TooManyQueriesError(
                    f"{self._limit} queries are running already; try again in a moment."
                )
            self._held += 1

    def _give_back(self) -> None:
        with self._lock:
            self._held -= 1


def asks_what_is_saved() -> bool:
    """Say whether the request at hand asks a chart or a filter of a dashboard for what was saved with it."""
    if not has_request_context():
        return False
    if request.endpoint == "ChartDataRestApi.get_data":
        saved = _saved_chart((request.view_args or {})["pk"])
        return saved is not None and request.args.get("type", "full") in WHOLE_RESULTS
    if request.endpoint != "ChartDataRestApi.data":
        return False
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("form_data"), dict):
        return False
    form = body["form_data"]
    if form.get("native_filter_id"):
        saved = _saved_filter(form.get("dashboardId"), form["native_filter_id"])
    else:
        saved = _saved_chart(form.get("slice_id"))
    return saved is not None and asks_no_more(body, saved)


def _saved_chart(chart_id: Any) -> Saved | None:
    from superset.models.slice import Slice  # only now: the configuration is read before the models

    from superset import db

    with db.session.no_autoflush:
        chart = db.session.get(Slice, int(chart_id)) if str(chart_id).isdecimal() else None
        if chart is None or not chart.dashboards or not chart.query_context:
            return None
        return saved_queries(chart.datasource_id, json.loads(chart.query_context)["queries"])


def _saved_filter(dashboard_id: Any, filter_id: str) -> Saved | None:
    from superset.models.dashboard import Dashboard

    from superset import db

    with db.session.no_autoflush:
        found = db.session.get(Dashboard, int(dashboard_id)) if str(dashboard_id).isdecimal() else None
        filters = json.loads((found and found.json_metadata) or "{}").get("native_filter_configuration", [])
    for native in filters:
        for target in native.get("targets", []):
            if native["id"] == filter_id and "datasetId" in target:
                name = target.get("column", {}).get("name")
                parts = {name, native.get("controlValues", {}).get("sortMetric"), native.get("sortMetric")}
                ends = {f"{end} of {name}" for end in ("MIN", "MAX")}  # of a range of numbers
                return Saved(target["datasetId"], frozenset(parts - {None}) | ends)
    return None
