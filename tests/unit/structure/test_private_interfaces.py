"""What we rely on inside other projects, as docs/private-interfaces.md lists it.

A test that fails here after an upgrade names what to try again; then the page gets the new version.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import duckdb
import duckdb_engine
import pytest
from dagster import AssetCheckEvaluation, DagsterEvent
from dagster._core.events import ASSET_EVENTS
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.instance import utils as dagster_instance
from dagster._core.instance.methods import event_methods
from dagster._core.storage import tags
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster_dbt import DbtCliInvocation, DbtCliResource
from dagster_shared.error import SerializableErrorInfo
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.results import NodeStatus
from dbt.include import duckdb as duckdb_macros
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.registry import get_metric_provider

from clientele.settings import ROOT
from orchestration.building.warehouse import is_database

SUPERSET = ROOT / ".venv-superset" / "lib"


ASK = """
import sys
from pathlib import Path
from orchestration.building.warehouse import is_database
print(is_database(Path(sys.argv[1])))
"""


class Interface(NamedTuple):
    """One row of the page."""

    package: str
    version: str
    test: str


def interfaces() -> list[Interface]:
    text = (ROOT / "docs" / "private-interfaces.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if "`test_" in line]
    cells = [[cell.strip(" `") for cell in row] for row in rows]
    return [Interface(package, version, test) for package, version, *_, test in cells]


def test_the_page_lists_each_test_and_each_test_is_on_the_page() -> None:
    listed = {interface.test for interface in interfaces()}
    here = {
        name
        for name in globals()
        if re.match(r"test_(dagster|dbt|great|duckdb|superset|cachelib|pytest)_", name)
    }
    assert listed == here


@pytest.mark.parametrize("package", sorted({interface.package for interface in interfaces()}))
def test_the_locked_version_is_the_one_that_was_tried(package: str) -> None:
    tried = {interface.version for interface in interfaces() if interface.package == package}
    locks = "".join(file.read_text() for file in sorted((ROOT / "requirements").glob("*.txt")))
    locked = set(re.findall(rf"(?m)^{package}==(\S+)", locks))
    assert locked == tried, f"try {package} again, then name the version in docs/private-interfaces.md"


def parameters(function: object) -> list[str]:
    assert callable(function)
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def test_dagster_event_log() -> None:
    storage = SqliteEventLogStorage
    assert parameters(storage._store_asset_event_tags) == ["conn", "events", "event_ids"]
    assert parameters(storage._store_asset_event) == ["conn", "event", "event_id"]
    assert parameters(storage._event_to_row) == ["event"]
    assert parameters(storage._connect) == ["shard"]
    assert parameters(storage._initdb) == ["engine", "for_index_shard"]
    assert parameters(storage.conn_string_for_shard) == ["shard_name"]
    assert parameters(storage.has_table) == ["table_name"]
    assert hasattr(storage, "run_connection")
    assert hasattr(storage, "index_connection")
    assert "id" in SqlEventLogStorageTable.c
    assert INDEX_SHARD_NAME == "index"
    assert ASSET_EVENTS


def test_dagster_event_batches() -> None:
    sources = inspect.getsource(dagster_instance) + inspect.getsource(event_methods)
    assert 'os.getenv("DAGSTER_EVENT_BATCH_SIZE"' in sources


def test_dagster_failure_events() -> None:
    for name in ("step_failure_data", "asset_check_evaluation_data", "job_failure_data"):
        assert isinstance(inspect.getattr_static(DagsterEvent, name), property)
    assert {"error", "user_failure_data"} <= set(StepFailureData._fields)
    assert {"passed", "severity", "asset_key", "check_name", "description"} <= set(
        AssetCheckEvaluation.__annotations__
    )
    assert {"message", "cause"} <= set(SerializableErrorInfo.__annotations__)


def test_dagster_partition_tags() -> None:
    assert tags.ASSET_PARTITION_RANGE_START_TAG == "dagster/asset_partition_range_start"
    assert tags.ASSET_PARTITION_RANGE_END_TAG == "dagster/asset_partition_range_end"
    assert tags.PARTITION_NAME_TAG == "dagster/partition"


def test_dagster_dbt_invocation() -> None:
    assert "_cli_version" in vars(DbtCliResource)
    assert "self._cli_version" in inspect.getsource(DbtCliResource.cli)
    assert parameters(DbtCliResource._initialize_dbt_core_adapter) == ["args"]
    assert "adapter = self._initialize_dbt_core_adapter(args)" in inspect.getsource(DbtCliResource.cli)
    assert {"process", "target_path"} <= set(DbtCliInvocation.__annotations__)
    assert parameters(DbtCliInvocation.get_artifact) == ["artifact"]


def test_dbt_artifacts() -> None:
    assert WritableManifest.dbt_schema_version.version == 12
    assert {"pass", "warn", "fail", "error", "skipped"} <= {status.value for status in NodeStatus}


def test_dbt_duckdb_macros() -> None:
    folder = Path(duckdb_macros.PACKAGE_PATH) / "macros"
    text = (folder / "adapters.sql").read_text()
    assert "macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql'" in text
    assert "macro duckdb__create_view_as(relation, sql)" in text
    assert 'materialization table, adapter="duckdb"' in (folder / "materializations/table.sql").read_text()


def test_great_expectations_rows() -> None:
    assert get_metric_provider(
        "unexpected_rows_query.row_count", SqlAlchemyExecutionEngine(connection_string="sqlite://")
    )
    assert parameters(UnexpectedRowsExpectation._validate) == [
        "metrics",
        "runtime_configuration",
        "execution_engine",
    ]
    assert "unexpected_rows_query" in UnexpectedRowsExpectation.__fields__
    assert "_validate_query" in vars(UnexpectedRowsExpectation)


def test_great_expectations_engines() -> None:
    assert parameters(SQLDatasource.get_engine) == []
    assert parameters(SQLDatasource.get_execution_engine) == []


def test_pytest_groups(request: pytest.FixtureRequest) -> None:
    assert getattr(request.node, "_nodeid", None) == request.node.nodeid


def test_duckdb_engine_dialect() -> None:
    for name in ("do_begin", "do_commit", "do_rollback"):
        assert parameters(getattr(duckdb_engine.Dialect, name))
    assert "connect" in vars(duckdb_engine.Dialect)


def test_duckdb_open_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "a.duckdb"
    with duckdb.connect(str(file)):
        assert is_database(file)  # open here, with other settings
        done = subprocess.run(
            [sys.executable, "-c", ASK, str(file)], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert done.stdout == "True\n"  # another process has it open for writing


def test_duckdb_estimates_from_the_first_file(tmp_path: Path) -> None:
    duckdb.execute(f"copy (select 1 as a limit 0) to '{tmp_path}/b.parquet'")
    duckdb.execute(f"copy (from range(100000) as t(a)) to '{tmp_path}/a.parquet'")

    def estimated(first: str) -> int:
        (tmp_path / "a.parquet" if first == "a" else tmp_path / "b.parquet").rename(tmp_path / "0.parquet")
        ((_, plan),) = duckdb.execute(f"explain from read_parquet('{tmp_path}/*.parquet')").fetchall()
        (tmp_path / "0.parquet").rename(tmp_path / f"{first}.parquet")
        found = re.search(r"~([0-9,]+) row", plan)
        assert found, plan
        return int(found[1].replace(",", ""))

    assert estimated("a") >= 100000
    assert estimated("b") < 100000, "the empty partition need not stand last any more: see D-26"


@cache
def superset_source(file: str) -> ast.Module:
    [found] = SUPERSET.glob(f"python*/site-packages/{file}")
    return ast.parse(found.read_text(encoding="utf-8"))


def defined(file: str, within: str = "") -> dict[str, ast.AST]:
    """What a module of Superset's environment, or a class of it, defines; read without importing it."""
    body: list[ast.stmt] = superset_source(file).body
    if within:
        [body] = [node.body for node in body if isinstance(node, ast.ClassDef) and node.name == within]
    found: dict[str, ast.AST] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found


def test_superset_tables() -> None:
    tables = {
        "superset/models/core.py": ("Database", "dbs"),
        "superset/connectors/sqla/models.py": ("SqlaTable", "tables"),
        "superset/models/slice.py": ("Slice", "slices"),
        "superset/models/dashboard.py": ("Dashboard", "dashboards"),
    }
    for file, (model, table) in tables.items():
        found = defined(file, model)
        name = found["__tablename__"]
        assert isinstance(name, ast.Constant)
        assert name.value == table
        assert "is_managed_externally" in found or model == "SqlaTable"
    security = ast.unparse(superset_source("flask_appbuilder/security/sqla/models.py"))
    assert {"ab_user", "ab_role", "ab_permission_view_role"} <= set(re.findall(r"'(ab_\w+)'", security))


def test_superset_modules() -> None:
    wanted = {
        "superset/commands/importers/v1/assets.py": "ImportAssetsCommand",
        "superset/utils/core.py": "override_user",
        "superset/app.py": "create_app",
        "superset/extensions/__init__.py": "celery_app",
    }
    assert {file for file, name in wanted.items() if name not in defined(file)} == set()


def test_superset_stopping_queries() -> None:
    constants = defined("superset/constants.py")
    assert {"QUERY_CANCEL_KEY", "QUERY_EARLY_CANCEL_KEY"} <= set(constants)
    assert "STOPPED" in defined("superset/common/db_query_status.py", "QueryStatus")
    assert "DuckDBEngineSpec" in defined("superset/db_engine_specs/duckdb.py")
    spec = defined("superset/db_engine_specs/base.py", "BaseEngineSpec")
    for name, arguments in (("get_cancel_query_id", 3), ("prepare_cancel_query", 2)):
        function = spec[name]
        assert isinstance(function, ast.FunctionDef)
        assert len(function.args.args) == arguments


def test_cachelib_file_names() -> None:
    found = defined("cachelib/file.py", "FileSystemCache")
    assert "_fs_count_file" in found
    function = found["_get_filename"]
    assert isinstance(function, ast.FunctionDef)
    assert [argument.arg for argument in function.args.args] == ["self", "key"]


def test_what_is_installed_is_what_is_locked() -> None:
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    for interface in interfaces():
        if f"\n{interface.package}==" in lock:
            assert metadata.version(interface.package) == interface.version
