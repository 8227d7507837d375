"""The pages about the checks: complete, private, without a network, and no more of them than policy keeps."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from expectations import data_docs
from expectations.data_docs import RefreshRecord
from expectations.results import CheckResult, Status

START = datetime(2026, 1, 1, 21, 0)


def result(name: str, status: Status, gate: str = "gate_1", examples: tuple[str, ...] = ()) -> CheckResult:
    return CheckResult(
        gate, "customers", name, date(2026, 1, 1), status, "error", "1 row", "0 rows", examples
    )


def record(number: int, *results: CheckResult, release: str | None = "000001-20260101") -> RefreshRecord:
    return RefreshRecord(
        refresh_id=f"{number:08x}-aaaa",
        started_at=START + timedelta(days=number),
        as_of=date(2026, 1, 1),
        release_id=release,
        results=results or (result("key_unique", "passed"),),
        validations={"gate_1-customers": [{"success": True}]},
    )


class Page(HTMLParser):
    """The words, links and tags of a page."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.words += f"{data}\n"


def test_the_list_leads_to_each_refresh_and_its_page_has_every_check(tmp_path: Path) -> None:
    first = record(1, result("volume", "failed", examples=("file=a.csv, line=3",)), release=None)
    second = record(2, result("key_unique", "passed"), result("fct_alerts", "warned", "dbt"))
    data_docs.write(tmp_path, first, kept=5)
    data_docs.write(tmp_path, second, kept=5)
    index = Page(tmp_path / "index.html")
    assert index.links == [f"{second.name}/index.html", f"{first.name}/index.html"]
    assert "not published" in index.words
    page = Page(tmp_path / first.name / "index.html")
    assert {"volume", "failed", "file=a.csv, line=3"} <= set(page.words.split("\n"))
    assert "nothing was published" in page.words
    assert {"key_unique", "fct_alerts"} <= set(Page(tmp_path / second.name / "index.html").words.split("\n"))
    written = json.loads((tmp_path / second.name / "validations.json").read_text(encoding="utf-8"))
    assert written == {"gate_1-customers": [{"success": True}]}


def test_what_failed_stands_first(tmp_path: Path) -> None:
    data_docs.write(tmp_path, record(1, result("a", "passed"), result("z", "failed")), kept=5)
    words = Page(tmp_path / record(1).name / "index.html").words.split("\n")
    assert words.index("z") < words.index("a")


def test_a_page_needs_no_script_and_no_network(tmp_path: Path) -> None:
    data_docs.write(tmp_path, record(1), kept=5)
    for file in tmp_path.rglob("*.html"):
        page = Page(file)
        assert not {"script", "link", "img", "iframe", "form"} & page.tags
        assert all(not re.match(r"\w+:|/", link) for link in page.links), page.links
        assert "url(" not in file.read_text(encoding="utf-8")
        assert all((file.parent / link).is_file() for link in page.links)


def test_what_is_found_is_text_whatever_it_looks_like(tmp_path: Path) -> None:
    shown = "<script>alert(1)</script>"
    data_docs.write(tmp_path, record(1, result("c", "failed", examples=(shown,))), kept=5)
    page = Page(tmp_path / record(1).name / "index.html")
    assert "script" not in page.tags
    assert shown in page.words


def test_the_oldest_go_and_what_was_cut_off_goes(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        data_docs.write(tmp_path, record(number), kept=2)
    (tmp_path / record(4).name).mkdir()
    (tmp_path / ".removed" / "half").mkdir(parents=True)
    data_docs.write(tmp_path, record(5), kept=2)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        record(3).name,
        record(5).name,
        "index.html",
    ]
