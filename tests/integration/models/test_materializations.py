"""Tables and views made in place (D-46): replaced whole, in either direction, or left as they were."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from orchestration.building import dbt_runner

MODEL = (
    "{{ config(materialized=env_var('KIND')) }}\nselect cast('{{ env_var('VALUE') }}' as integer) as value\n"
)
PROJECT = "name: small\nprofile: small\nmodel-paths: [models]\nmacro-paths: [macros]\n"
PROFILE = "small:\n  target: duckdb\n  outputs:\n    duckdb: {type: duckdb, path: small.duckdb}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dbt project of one model with our materializations."""
    (tmp_path / "models").mkdir()
    (tmp_path / "macros").mkdir()
    shutil.copy(dbt_runner.PROJECT / "macros" / "materializations.sql", tmp_path / "macros")
    (tmp_path / "models" / "kept.sql").write_text(MODEL)
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return tmp_path


def _build(project: Path, kind: str, value: str) -> int:
    return subprocess.run(
        [dbt_runner.executable(), "run", "--no-send-anonymous-usage-stats"],
        cwd=project,
        env={**os.environ, "KIND": kind, "VALUE": value},
        capture_output=True,
        check=False,
    ).returncode


def _held(project: Path) -> list[tuple[str, int]]:
    with duckdb.connect(str(project / "small.duckdb"), read_only=True) as warehouse:
        return warehouse.sql("select table_type, value from information_schema.tables, kept").fetchall()


def test_a_model_that_fails_leaves_its_table(project: Path) -> None:
    assert _build(project, "table", "1") == 0
    assert _build(project, "table", "none") == 1
    assert _held(project) == [("BASE TABLE", 1)]


def test_a_table_becomes_a_view_and_a_table_again(project: Path) -> None:
    for kind, value, held in (
        ("table", "1", "BASE TABLE"),
        ("view", "2", "VIEW"),
        ("table", "3", "BASE TABLE"),
    ):
        assert _build(project, kind, value) == 0
        assert _held(project) == [(held, int(value))]
