"""The executive overview as an executive sees it: tiles, filters that work, whole releases."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Superset
from tests.e2e.opened import WIDTH, Opened, sign_in

CUSTOMERS = "Customers 客户数"
NPS = "NPS 净推荐值"


@pytest.fixture
def overview(dashboard: Callable[[str], Opened]) -> Opened:
    return dashboard("executive-overview")


def _months(superset: Superset) -> list[str]:
    months = "select distinct strftime(snapshot_date, '%Y-%m') from fct_portfolio_monthly order by 1 desc"
    return [str(row[0]) for row in superset.ask(months)]


def _customers(superset: Superset, where: str) -> str:
    rows = superset.ask(f"select sum(open_customers) from fct_portfolio_monthly where {where}")
    return f"{int(rows[0][0]):,}"


def test_tiles_are_bilingual_and_whole(overview: Opened) -> None:
    tiles = overview.page.locator("[id^='CHART-headline_'] + .chart-slice")
    assert tiles.count() == 6
    for tile in tiles.all():
        for part in [tile.locator(".header-title").first, *tile.locator("td").all()]:
            clipped = part.evaluate("part => part.scrollWidth > part.clientWidth + 1")
            assert not clipped, part.inner_text()


def test_the_strip_tells_the_date_and_leads_to_the_quality(overview: Opened) -> None:
    strip = overview.page.locator("#CHART-refresh_strip + .chart-slice")
    assert re.search(r"Data as of 数据日期 \d{4}-\d{2}-\d{2}", strip.inner_text())
    assert re.search(r"\d+ checks passed · \d+ warned · \d+ failed", strip.inner_text())
    assert strip.locator("a[href='/data-docs/']").count() == 1


def test_the_latest_month_is_chosen_first(overview: Opened, superset: Superset) -> None:
    expect(overview.tile(CUSTOMERS)).to_have_text(
        _customers(superset, "snapshot_date = (select max(snapshot_date) from fct_portfolio_monthly)")
    )


def test_the_interval_of_nps_is_that_of_the_policy(overview: Opened) -> None:
    tile = overview.page.locator(f"[data-test-chart-name='{NPS}']").inner_text()
    assert re.search(r"95 % CI [+-]\d+ … [+-]\d+ · n = \d+", tile)


def test_a_screenshot_for_people_to_look_at(overview: Opened, superset: Superset) -> None:
    page = overview.page
    page.evaluate("window.scrollTo(0, 0)")
    last = page.locator(".grid-row").last.bounding_box()
    assert last
    page.set_viewport_size({"width": WIDTH, "height": int(last["y"] + last["height"]) + 24})
    page.wait_for_timeout(1_500)
    file = Path(os.environ.get("OVERVIEW_SCREENSHOT", superset.home / "executive-overview.png"))
    page.screenshot(path=file)
    assert file.stat().st_size > 50_000


def test_the_month_filter_moves_the_headline_and_not_the_trends(overview: Opened, superset: Superset) -> None:
    earlier = _months(superset)[3]
    overview.choose("Month", earlier)
    expect(overview.tile(CUSTOMERS)).to_have_text(
        _customers(superset, f"strftime(snapshot_date, '%Y-%m') = '{earlier}'"), timeout=30_000
    )
    trend = overview.page.locator("[data-test-chart-name^='Customers and AUM by month']")
    assert trend.locator("[data-test='applied-filter-count']").count() == 0


def test_nps_and_its_interval_are_those_of_the_rows_a_filter_leaves(
    overview: Opened, superset: Superset
) -> None:
    branch = superset.ask("select min(branch_name) from fct_survey_waves_monthly where responses > 0")[0][0]
    overview.choose("Branch", branch)
    month = overview.chosen("Month")
    promoters, passives, detractors = superset.ask(
        f"""
        select sum(promoters), sum(passives), sum(detractors) from fct_survey_waves_monthly
        where metric = 'nps' and strftime(month_end_date, '%Y-%m') = '{month}' and branch_name = '{branch}'
        """
    )[0]
    n = promoters + passives + detractors
    p, d = promoters / n, detractors / n
    half = 196 * math.sqrt((p + d - (p - d) ** 2) / n)
    low, high = max(-100, 100 * (p - d) - half), min(100, 100 * (p - d) + half)
    expect(overview.tile(NPS)).to_have_text(f"{100 * (p - d):+.1f}", timeout=30_000)
    tile = overview.page.locator(f"[data-test-chart-name='{NPS}']").inner_text()
    assert f"CI {round(low):+d} … {round(high):+d} · n = {n}" in tile


def test_chinese_is_offered(browser: Browser, superset: Superset) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, superset, "executive")
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
