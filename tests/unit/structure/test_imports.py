"""What may import what: the table of CONTRIBUTING, and no circles."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from clientele.settings import ROOT

ROOMS = ("clientele", "expectations", "orchestration", "seeds", "docs", "benchmarks")
LOADED_BY_PATH = ("clientele/settings.py", "clientele/private.py")
"""Superset's environment has none of our dependencies, and loads these two files by their paths."""


def allowed() -> dict[str, set[str]]:
    """The table of CONTRIBUTING: what each area may import from the others."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| area | may import |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`(\w+)/?`", line) for line in table.splitlines() if "`" in line]
    return {room: set(others) for room, *others in rows}


@cache
def modules() -> dict[str, Path]:
    """Every module of the areas, by dotted name."""
    files = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }


def imported(file: Path) -> Iterator[str]:
    """What a file imports, also inside functions and for types only; names are resolved to modules."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else str(node.module)


def ours(file: Path, *, but: str = "") -> set[str]:
    return {name for name in imported(file) if name in modules() and name != but}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_contributing_allows(room: str) -> None:
    known = {"tests", "superset", *ROOMS}
    found = {
        f"{file.relative_to(ROOT)} imports {name}"
        for module, file in modules().items()
        if module.partition(".")[0] == room
        for name in imported(file)
        if name.partition(".")[0] in known - {room} - allowed()[room]
    }
    assert not found


def test_the_table_names_every_room() -> None:
    assert set(allowed()) == {*ROOMS, "superset"}
    assert allowed()["superset"] == set()


def test_superset_imports_nothing_of_ours() -> None:
    files = sorted((ROOT / "superset").rglob("*.py"))
    assert files
    found = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imported(file)
        if name.partition(".")[0] in ROOMS
    }
    assert not found


@pytest.mark.parametrize("file", LOADED_BY_PATH)
def test_what_superset_loads_by_path_needs_the_standard_library_alone(file: str) -> None:
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "__future__"}


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph = {name: ours(file, but=name) for name, file in modules().items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("room", ["orchestration", "seeds.sample_bank", "clientele"])
def test_folders_do_not_import_each_other_in_a_circle(room: str) -> None:
    def folder(module: str) -> str:
        inside = module.removeprefix(f"{room}.").partition(".")[0]
        return (
            inside
            if module.startswith(f"{room}.") and (ROOT / room.replace(".", "/") / inside).is_dir()
            else ""
        )

    graph: dict[str, set[str]] = {}
    for name, file in modules().items():
        if own := folder(name):
            graph.setdefault(own, set()).update({folder(other) for other in ours(file)} - {own, ""})
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle in {room}: {' -> '.join(error.args[1])}")


def test_a_name_means_one_thing() -> None:
    by_kind = ("__init__", "__main__", "assets", "partitions")
    rooms = ("clientele", "expectations", "orchestration")
    files = [file for name, file in modules().items() if name.partition(".")[0] in rooms]
    stems = Counter(file.stem for file in files if file.stem not in by_kind)
    classes = Counter(
        node.name
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in (stems + classes).items() if times > 1] == []


def test_a_package_hands_out_nothing_that_has_the_name_of_a_module_of_it() -> None:
    found = {
        f"{name}.{alias.name}"
        for name, file in modules().items()
        if file.name == "__init__.py"
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (file.parent / f"{alias.name}.py").exists()
    }
    assert not found, "whoever imports the module would get what hides it"


def test_policy_files_are_read_by_their_reader_alone() -> None:
    found = {
        f"{file.relative_to(ROOT)} imports {name}"
        for module, file in modules().items()
        if not module.startswith("clientele.policy")
        for name in imported(file)
        if name.startswith("clientele.policy.")
    }
    assert not found, "the package clientele.policy is the way in; its modules hand out rows without a date"
    readers = {
        str(file.relative_to(ROOT))
        for module, file in modules().items()
        if not module.startswith(("clientele.policy", "seeds.sample_bank"))
        and {"csv", "pandas"} & set(imported(file))
    }
    assert not readers, "CSV files of policy are read by clientele.policy"


def test_no_folder_holds_more_than_twelve_files_of_a_kind() -> None:
    counts = Counter(
        (str(file.parent.relative_to(ROOT)), file.suffix)
        for room in ("clientele", "expectations", "orchestration", "seeds", "tests", "docs", "benchmarks")
        for file in (ROOT / room).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    assert {place: number for place, number in counts.items() if number > 12} == {}
