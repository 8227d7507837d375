"""The executive overview as an executive sees it: charts drawn, filters that work, whole releases."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.e2e.conftest import ROOT, Superset

# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(ROOT / "superset"))

from querying import saved_queries

DASHBOARD = "/superset/dashboard/executive-overview/"
LOADING = "[data-test='loading-indicator'], .loading"
DRAWN_SECONDS = 90_000
CUSTOMERS = "Customers 客户数"


def _sign_in(page: Page, superset: Superset, login: str) -> None:
    # The login page reports its own opening a moment later; signing in before that would be overtaken by it.
    with page.expect_response(lambda answer: "/superset/log/" in answer.url or "/login/" in answer.url):
        page.goto(f"{superset.url}/login/")
    page.wait_for_load_state("networkidle")
    page.fill("input#username", login)
    page.fill("input#password", superset.logins[login])
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="module")
def requested() -> list[Request]:
    """Every request the browser made."""
    return []


@pytest.fixture(scope="module")
def page(browser: Browser, superset: Superset, requested: list[Request]) -> Iterator[Page]:
    """The overview, opened by the executive, scrolled through once so that every chart is drawn."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.on("request", lambda request: requested.append(request))
    _sign_in(page, superset, "executive")
    page.goto(superset.url + DASHBOARD)
    _draw_everything(page)
    yield page
    context.close()


def _draw_everything(page: Page) -> None:
    # Charts are mounted when they come into view: a window as tall as the page shows them all.
    page.wait_for_selector("[data-test='chart-grid-component']", timeout=DRAWN_SECONDS)
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 2600})  # type: ignore[index]
    charts = page.locator("[data-test='chart-grid-component']")
    for chart in charts.all():
        expect(chart.locator(LOADING)).to_have_count(0, timeout=DRAWN_SECONDS)
        expect(chart.locator("canvas, td, svg").first).to_be_visible(timeout=DRAWN_SECONDS)
    page.wait_for_timeout(1_500)  # the charts' own animations


def _tile(page: Page, title: str) -> Locator:
    return page.locator(f"[data-test-chart-name='{title}'] td").first


def _choose(page: Page, label: str, option: str) -> None:
    name = page.locator("[data-test='filter-control-name']", has_text=label)
    control = name.locator("xpath=ancestor::*[.//*[contains(@class, 'ant-select')]][1]")
    control.locator(".ant-select").first.click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=option).first.click()
    page.locator("[data-test='filter-bar__apply-button']").click()
    page.wait_for_timeout(1_000)
    _draw_everything(page)


def _months(superset: Superset) -> list[str]:
    months = "select distinct strftime(snapshot_date, '%Y-%m') from fct_portfolio_monthly order by 1 desc"
    return [str(row[0]) for row in superset.ask(months)]


def _customers(superset: Superset, where: str) -> str:
    rows = superset.ask(f"select sum(open_customers) from fct_portfolio_monthly where {where}")
    return f"{int(rows[0][0]):,}"


def test_every_chart_answers_through_the_api(superset: Superset) -> None:
    session = superset.session("executive")
    charts = superset.get(session, "/api/v1/chart/?q=(page_size:100)")["result"]
    assert len(charts) == len(list(Path("superset/assets/charts").glob("*.yaml")))
    for chart in charts:
        answer: Any = superset.get(session, f"/api/v1/chart/{chart['id']}/data/")
        for result in answer["result"]:
            assert result["status"] == "success", chart["slice_name"]
            assert result["rowcount"] > 0, chart["slice_name"]


def test_every_chart_is_drawn_and_none_in_error(page: Page) -> None:
    charts = page.locator("[data-test='chart-grid-component']")
    assert charts.count() == len(list(Path("superset/assets/charts").glob("*.yaml")))
    assert page.get_by_text("No results were returned").count() == 0
    assert page.get_by_text("Data error").count() == 0
    assert page.locator("[role='alert'], [data-test='alert']").count() == 0


def test_no_raw_column_names_are_shown(page: Page) -> None:
    shown = page.locator(".grid-container").first.inner_text()
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", shown) == []


def test_tiles_are_bilingual_and_whole(page: Page) -> None:
    tiles = page.locator("[id^='CHART-headline_'] + .chart-slice")
    assert tiles.count() == 6
    for tile in tiles.all():
        for part in [tile.locator(".header-title").first, *tile.locator("td").all()]:
            clipped = part.evaluate("part => part.scrollWidth > part.clientWidth + 1")
            assert not clipped, part.inner_text()


@pytest.mark.parametrize("width", [1440, 1920])
def test_titles_are_not_clipped(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 2600})
    page.wait_for_timeout(1_500)
    for title in page.locator("[data-test='slice-header'] .header-title").all():
        assert not title.evaluate("part => part.scrollWidth > part.clientWidth + 1"), title.inner_text()
    page.set_viewport_size({"width": 1440, "height": 2600})


def test_the_strip_tells_the_date_and_the_quality(page: Page, superset: Superset) -> None:
    strip = page.locator("#CHART-refresh_strip + .chart-slice").inner_text()
    assert re.search(r"Data as of 数据日期 \d{4}-\d{2}-\d{2}", strip)
    assert re.search(r"\d+ of \d+ checks passed", strip)


def test_the_latest_month_is_chosen_first(page: Page, superset: Superset) -> None:
    expect(_tile(page, CUSTOMERS)).to_have_text(
        _customers(superset, "snapshot_date = (select max(snapshot_date) from fct_portfolio_monthly)")
    )


def test_a_screenshot_for_people_to_look_at(page: Page, superset: Superset) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    last = page.locator(".grid-row").last.bounding_box()
    assert last
    height = last["y"] + last["height"]
    page.set_viewport_size({"width": 1440, "height": int(height) + 24})
    page.wait_for_timeout(1_500)
    file = Path(os.environ.get("OVERVIEW_SCREENSHOT", superset.home / "executive-overview.png"))
    page.screenshot(path=file)
    assert file.stat().st_size > 50_000


def test_the_month_filter_moves_the_headline_and_not_the_trends(page: Page, superset: Superset) -> None:
    earlier = _months(superset)[3]
    _choose(page, "Month", earlier)
    expect(_tile(page, CUSTOMERS)).to_have_text(
        _customers(superset, f"strftime(snapshot_date, '%Y-%m') = '{earlier}'"), timeout=30_000
    )
    trend = page.locator("[data-test-chart-name^='Customers and AUM by month']")
    assert trend.locator("[data-test='applied-filter-count']").count() == 0


def test_the_browser_asked_nobody_else(superset: Superset, page: Page, requested: list[Request]) -> None:
    foreign = [
        request.url
        for request in requested
        if not request.url.startswith((superset.url, "data:", "blob:")) and request.failure != "csp"
    ]
    assert foreign == []


def test_what_the_browser_asks_has_priority(superset: Superset, page: Page, requested: list[Request]) -> None:
    session = superset.session("executive")
    bodies = [request.post_data_json for request in requested if "/api/v1/chart/data" in request.url]
    charts = [body for body in bodies if body and "slice_id" in body["form_data"]]
    assert len(charts) >= len(list(Path("superset/assets/charts").glob("*.yaml")))
    for body in charts:
        chart = superset.get(session, f"/api/v1/chart/{body['form_data']['slice_id']}")["result"]
        context = json.loads(chart["query_context"])
        saved = saved_queries.saved_queries(context["datasource"]["id"], context["queries"])
        assert saved_queries.asks_no_more(body, saved), chart["slice_name"]


def test_chinese_is_offered(browser: Browser, superset: Superset) -> None:
    context = browser.new_context()
    page = context.new_page()
    _sign_in(page, superset, "executive")
    page.goto(f"{superset.url}/lang/zh")
    page.goto(f"{superset.url}/dashboard/list/")
    expect(page.get_by_text("看板").first).to_be_visible(timeout=30_000)
    context.close()


def test_a_publish_and_a_rollback_show_at_once(superset: Superset) -> None:
    serving = superset.home / "serving"
    session = superset.session("executive")
    charts = superset.get(session, "/api/v1/chart/?q=(page_size:100)")["result"]
    strip = next(chart["id"] for chart in charts if chart["slice_name"].startswith("Data and quality"))

    def shown() -> str:
        answer = superset.get(session, f"/api/v1/chart/{strip}/data/")
        return str(answer["result"][0]["data"][0]["release_text"])

    before, old = shown(), str((serving / "current").readlink())
    _copy_release(serving, "next-release")
    _flip(serving, "releases/next-release")
    superset.provision("--clear-cache")
    assert shown() == "Release 发布 next-release"
    _flip(serving, old)
    superset.provision("--clear-cache")
    assert shown() == before


def _copy_release(serving: Path, release: str) -> None:
    target = serving / "releases" / release
    target.mkdir()
    shutil.copy((serving / "current" / "warehouse.duckdb").resolve(), target)
    with duckdb.connect(str(target / "warehouse.duckdb")) as connection:
        connection.execute(f"update fct_refreshes set release_id = '{release}'")


def _flip(serving: Path, target: str) -> None:
    draft = serving / "draft"
    draft.symlink_to(target)
    draft.replace(serving / "current")
