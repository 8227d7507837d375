"""Every dashboard as the people it is for see it: each chart drawn, every label whole, nobody else asked."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Superset
from tests.e2e.opened import DASHBOARDS, WHOLE_HEIGHT, WIDTH, Opened, charts_of, login_for

# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(ROOT / "superset"))

from querying import saved_queries


@pytest.fixture(params=DASHBOARDS)
def opened(request: pytest.FixtureRequest, dashboard: Callable[[str], Opened]) -> Opened:
    """Each dashboard in turn."""
    return dashboard(request.param)


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_every_chart_answers_through_the_api(superset: Superset, slug: str) -> None:
    session = superset.session(login_for(slug))
    charts = superset.get(session, f"/api/v1/dashboard/{slug}/charts")["result"]
    assert len(charts) == len(charts_of(slug))
    for chart in charts:
        answer: Any = superset.get(session, f"/api/v1/chart/{chart['id']}/data/")
        for result in answer["result"]:
            assert result["status"] == "success", chart["slice_name"]
            assert result["rowcount"] > 0, chart["slice_name"]


def test_every_chart_is_drawn_and_none_in_error(opened: Opened) -> None:
    page = opened.page
    assert page.locator("[data-test='chart-grid-component']").count() == len(charts_of(opened.slug))
    assert page.get_by_text("No results were returned").count() == 0
    assert page.get_by_text("Data error").count() == 0
    assert page.locator("[role='alert'], [data-test='alert']").count() == 0


def test_no_raw_column_names_are_shown(opened: Opened) -> None:
    shown = opened.page.locator(".grid-container").first.inner_text()
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", shown) == []
    assert "policy:" not in shown
    assert "<a " not in shown


@pytest.mark.parametrize("width", [WIDTH, 1920])
def test_titles_are_not_clipped(opened: Opened, width: int) -> None:
    page = opened.page
    page.set_viewport_size({"width": width, "height": WHOLE_HEIGHT})
    page.wait_for_timeout(1_500)
    for title in page.locator("[data-test='slice-header'] .header-title").all():
        assert not title.evaluate("part => part.scrollWidth > part.clientWidth + 1"), title.inner_text()
    page.set_viewport_size({"width": WIDTH, "height": WHOLE_HEIGHT})


def test_the_browser_asked_nobody_else(superset: Superset, opened: Opened) -> None:
    foreign = [
        request.url
        for request in opened.requested
        if not request.url.startswith((superset.url, "data:", "blob:")) and request.failure != "csp"
    ]
    assert foreign == []


def test_what_the_browser_asks_has_priority(superset: Superset, opened: Opened) -> None:
    session = superset.session(login_for(opened.slug))
    bodies = [request.post_data_json for request in opened.requested if "/api/v1/chart/data" in request.url]
    charts = [body for body in bodies if body and "slice_id" in body["form_data"]]
    assert len(charts) >= len(charts_of(opened.slug))
    for body in charts:
        chart = superset.get(session, f"/api/v1/chart/{body['form_data']['slice_id']}")["result"]
        context = json.loads(chart["query_context"])
        saved = saved_queries.saved_queries(context["datasource"]["id"], context["queries"])
        assert saved_queries.asks_no_more(body, saved), chart["slice_name"]
