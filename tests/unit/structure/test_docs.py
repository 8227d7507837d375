"""What is generated is up to date, and what people wrote points at things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clientele.settings import ROOT, Settings, SettingsError
from docs import generate

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
TEXTS = ("*.py", "*.sql", "*.yml", "*.yaml", "*.toml", "*.md")
FOLDERS = (
    "clientele",
    "orchestration",
    "dbt_project",
    "expectations",
    "seeds",
    "superset",
    "tests",
    "docs",
    "scripts",
)


def sources() -> list[Path]:
    inside = (file for folder in FOLDERS for kind in TEXTS for file in (ROOT / folder).rglob(kind))
    return [*inside, *ROOT.glob("*.toml"), *ROOT.glob("*.md"), ROOT / "Makefile"]


def test_generating_again_changes_nothing() -> None:
    assert generate.main(["--check"]) == 0


def test_a_change_is_noticed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(generate, "tables", lambda: "something else\n")
    assert generate.main(["--check"]) == 1
    assert "docs/tables.md is out of date" in capsys.readouterr().err


REPORT = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/issues/[0-9]+")
"""A public report of the same trouble, which the page of bad deliveries names."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        file, _, anchor = target.partition("#")
        if page.name == "bad-deliveries.md" and REPORT.fullmatch(target):
            continue
        assert "://" not in file, f"{target}: pages speak of the project alone"
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(found), f"{target}: no such heading"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_decision_cited_is_written_down() -> None:
    written = re.findall(r"^## (D-\d\d)\b", (ROOT / "DECISIONS.md").read_text(), re.MULTILINE)
    assert written == sorted(set(written))
    cited = {found for file in sources() for found in re.findall(r"\bD-\d\d\b", file.read_text())}
    assert cited <= set(written)


def test_every_public_table_is_explained() -> None:
    explained = (ROOT / "docs" / "metrics.md").read_text()
    public = [file.stem for file in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql")]
    assert public
    assert [table for table in public if f"`{table}`" not in explained] == []


def test_every_setting_is_documented() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    with pytest.raises(SettingsError) as error:
        Settings.from_env({"CLIENTELE_NO_SUCH_NAME": ""})
    known = str(error.value).partition("known: ")[2].split(", ")
    assert "CLIENTELE_HOME" in known
    assert [name for name in known if f"`{name}`" not in runbook] == []
