"""The pages about the checks of the data, under the dashboards' address: for who is logged in."""

from __future__ import annotations

import shutil

import requests
from playwright.sync_api import Browser

from tests.e2e.conftest import Superset
from tests.e2e.opened import sign_in


def test_they_are_for_who_is_logged_in_and_nothing_else_is_shown(
    browser: Browser, superset: Superset
) -> None:
    folder, address = superset.home / "data_docs", f"{superset.url}/data-docs/"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Checks of the tiny bank</h1>", encoding="utf-8")
    (superset.home / "outside.html").write_text("outside", encoding="utf-8")
    stranger = requests.get(address, timeout=30, allow_redirects=False)
    assert stranger.status_code == 302
    assert stranger.headers["Location"].startswith("/login/")
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, superset, "executive")
    page.goto(address)
    assert page.get_by_role("heading").inner_text() == "Checks of the tiny bank"
    shown = context.request.get(address)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    for path in ("..%2foutside.html", "%2e%2e/outside.html", "absent.html"):
        answer = context.request.get(address + path)
        assert answer.status == 404, path
        assert "outside" not in answer.text()
    shutil.rmtree(folder)
    absent = context.request.get(address)
    assert absent.status == 404
    assert "make refresh" in absent.text()
    context.close()
