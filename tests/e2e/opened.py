"""A dashboard in a browser, as somebody who may see it opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, Locator, Page, Request, expect

from tests.e2e.conftest import ROOT, Superset

FOLDERS = sorted(file.parent for file in (ROOT / "superset" / "assets").glob("dashboards/*/dashboard.yaml"))
DASHBOARDS = [folder.name for folder in FOLDERS]
WIDTH, WHOLE_HEIGHT = 1440, 2600
LOADING = "[data-test='loading-indicator'], .loading"
DRAWN_SECONDS = 90_000


def charts_of(slug: str) -> list[Path]:
    """The files of a dashboard's charts."""
    return sorted((ROOT / "superset" / "assets" / "dashboards" / slug / "charts").rglob("*.yaml"))


def login_for(slug: str) -> str:
    """A login whose role the dashboard names."""
    wanted = _read(ROOT / "superset" / "assets" / "dashboards" / slug / "dashboard.yaml")["roles"][0]
    logins = _read(ROOT / "superset" / "roles.yml")["logins"]
    return next(str(login) for login, person in logins.items() if person["role"] == wanted)


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@dataclass
class Opened:
    """A dashboard, scrolled through once so that every chart is drawn.

    Attributes:
        slug: Its slug.
        page: The browser's page.
        requested: Every request the browser made.
    """

    slug: str
    page: Page
    requested: list[Request] = field(default_factory=list)

    def draw(self) -> None:
        """Wait until every chart is drawn."""
        # Charts are mounted when they come into view: a window as tall as the page shows them all.
        self.page.wait_for_selector("[data-test='chart-grid-component']", timeout=DRAWN_SECONDS)
        self.page.set_viewport_size({"width": WIDTH, "height": WHOLE_HEIGHT})
        for chart in self.page.locator("[data-test='chart-grid-component']").all():
            expect(chart.locator(LOADING)).to_have_count(0, timeout=DRAWN_SECONDS)
            expect(chart.locator("canvas, td, svg").first).to_be_visible(timeout=DRAWN_SECONDS)
        self.page.wait_for_timeout(1_500)  # the charts' own animations

    def tile(self, title: str) -> Locator:
        """The large number of a tile."""
        return self.page.locator(f"[data-test-chart-name='{title}'] td").first

    def chosen(self, label: str) -> str:
        """The value that a filter with one value has."""
        return self._filter(label).locator(".ant-select-selection-item").first.inner_text().strip()

    def _filter(self, label: str) -> Locator:
        name = self.page.locator("[data-test='filter-control-name']", has_text=label)
        return name.locator("xpath=ancestor::*[.//*[contains(@class, 'ant-select')]][1]")

    def choose(self, label: str, option: str) -> None:
        """Choose a value of a filter."""
        self._filter(label).locator(".ant-select").first.click()
        self.page.locator(
            ".ant-select-dropdown:visible .ant-select-item-option", has_text=option
        ).first.click()
        self.page.locator("[data-test='filter-bar__apply-button']").click()
        self.page.wait_for_timeout(1_000)
        self.draw()


def sign_in(page: Page, superset: Superset, login: str) -> None:
    """Log in as a person does."""
    # The login page reports its own opening a moment later; signing in before that would be overtaken by it.
    with page.expect_response(lambda answer: "/superset/log/" in answer.url or "/login/" in answer.url):
        page.goto(f"{superset.url}/login/")
    page.wait_for_load_state("networkidle")
    page.fill("input#username", login)
    page.fill("input#password", superset.logins[login])
    page.get_by_role("button", name=re.compile("sign in", re.IGNORECASE)).click()
    page.wait_for_url(lambda url: "/login" not in url)


def open_dashboard(browser: Browser, superset: Superset, slug: str) -> Opened:
    """Open a dashboard in a browser of its own."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, locale="en-GB")
    opened = Opened(slug, context.new_page())
    # Not the bound method itself: Playwright keeps something of its own on what it calls.
    opened.page.on("request", lambda request: opened.requested.append(request))
    sign_in(opened.page, superset, login_for(slug))
    opened.page.goto(f"{superset.url}/superset/dashboard/{slug}/")
    opened.draw()
    return opened
