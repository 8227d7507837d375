"""The pages about the checks: what lies in their folder is found, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(Path(__file__).resolve().parents[3] / "superset"))

from pages import data_docs


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "data_docs"
    (folder / "validations").mkdir(parents=True)
    (folder / "index.html").write_text("start")
    (folder / "validations" / "index.html").write_text("all")
    (folder / "validations" / "one.html").write_text("one")
    (tmp_path / "secrets.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "secrets.json")
    return folder


@pytest.mark.parametrize(
    "name", ["index.html", "", "validations", "validations/one.html", "validations/../index.html"]
)
def test_a_page_is_found(pages: Path, name: str) -> None:
    file = data_docs.found(pages, name)
    assert file is not None
    assert file.is_relative_to(pages)


@pytest.mark.parametrize(
    "name", ["../secrets.json", "validations/../../secrets.json", "/etc/passwd", "link.json", "absent.html"]
)
def test_nothing_else_is(pages: Path, name: str) -> None:
    assert data_docs.found(pages, name) is None


def test_without_pages_there_is_none(tmp_path: Path) -> None:
    assert data_docs.found(tmp_path / "data_docs", "index.html") is None
