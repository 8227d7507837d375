"""The dashboards' files are consistent, labelled and locked down; and the checks that say so do bite."""

from __future__ import annotations

import copy
import json
import stat
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

SUPERSET = Path(__file__).resolve().parents[3] / "superset"
# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(SUPERSET))

import asset_files  # noqa: E402
import labels  # noqa: E402
import runtime  # noqa: E402
import serve  # noqa: E402
import sql_guard  # noqa: E402
import validate  # noqa: E402

Documents = dict[str, dict[str, Any]]
DASHBOARD = "dashboards/executive-overview.yaml"
CHART = "charts/segment_distribution.yaml"
DATASET = "datasets/portfolio.yaml"


@pytest.fixture(scope="module")
def expanded() -> Documents:
    return asset_files.expand(SUPERSET / "assets", validate.PLACEHOLDERS)


@pytest.fixture
def documents(expanded: Documents) -> Documents:
    return copy.deepcopy(expanded)


def test_the_committed_assets_are_consistent(documents: Documents) -> None:
    assert list(validate.problems(documents)) == []


def test_column_labels_are_those_of_dbt() -> None:
    assert labels.main(["--check"]) == 0


def test_uuids_come_from_the_slugs(documents: Documents) -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "clientele/superset")
    for name, document in documents.items():
        assert document["uuid"] == str(uuid.uuid5(namespace, name.removesuffix(".yaml")))


def test_expanding_twice_gives_the_same(documents: Documents) -> None:
    assert asset_files.expand(SUPERSET / "assets", validate.PLACEHOLDERS) == documents


def _rename_metric(documents: Documents) -> None:
    documents[DATASET]["metrics"][0]["metric_name"] = "renamed"


def _rename_column(documents: Documents) -> None:
    column = next(part for part in documents[DATASET]["columns"] if part["column_name"] == "segment_label")
    column["column_name"] = "renamed"


def _forget_label(documents: Documents) -> None:
    documents[DATASET]["columns"][0]["verbose_name"] = "snapshot_date"


def _misspell_viz_type(documents: Documents) -> None:
    documents[CHART]["viz_type"] = "heatmap_v3"


def _english_title(documents: Documents) -> None:
    documents[CHART]["slice_name"] = "Customers by segment"


def _stray_parameter(documents: Documents) -> None:
    documents[CHART]["params"]["x_axis_sort"] = "aum_100m"


def _repeat_chart_number(documents: Documents) -> None:
    documents[DASHBOARD]["position"]["CHART-nps_trend"]["meta"]["chartId"] = 1


def _lose_chart(documents: Documents) -> None:
    del documents[CHART]


def _unplace_chart(documents: Documents) -> None:
    del documents[DASHBOARD]["position"]["CHART-segment_distribution"]


def _filter_without_column(documents: Documents) -> None:
    documents[DASHBOARD]["metadata"]["native_filter_configuration"][1]["targets"][0]["column"]["name"] = (
        "city"
    )


def _unfilterable_chart(documents: Documents) -> None:
    columns = documents["datasets/lifecycle_flow.yaml"]["columns"]
    columns[:] = [column for column in columns if column["column_name"] != "month_label"]


def _unsafe_sql(documents: Documents) -> None:
    documents["datasets/nps_answers.yaml"]["sql"] = "select * from read_csv('/etc/passwd')"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_rename_metric, "no metric customer_count"),
        (_rename_column, "no column segment_label"),
        (_forget_label, "needs a label in English and Chinese"),
        (_misspell_viz_type, "unknown viz_type"),
        (_english_title, "title needs English and Chinese"),
        (_stray_parameter, "which the chart does not show"),
        (_repeat_chart_number, "chart numbers repeat"),
        (_lose_chart, "no chart file"),
        (_unplace_chart, "is used nowhere"),
        (_filter_without_column, "asks for city"),
        (_unfilterable_chart, "cannot follow the filter"),
        (_unsafe_sql, "read_csv"),
    ],
)
def test_validation_finds(documents: Documents, damage: Callable[[Documents], None], message: str) -> None:
    damage(documents)
    assert any(message in problem for problem in validate.problems(documents))


def test_a_row_must_fill_the_grid(tmp_path: Path) -> None:
    with pytest.raises(asset_files.AssetError, match="11 columns wide"):
        asset_files.expand(_assets_with(tmp_path, "nps_trend: 5", "nps_trend: 4"), validate.PLACEHOLDERS)


def test_an_unknown_chart_is_named(tmp_path: Path) -> None:
    with pytest.raises(asset_files.AssetError, match="nps_trends"):
        asset_files.expand(_assets_with(tmp_path, "nps_trend: 5", "nps_trends: 5"), validate.PLACEHOLDERS)


def _assets_with(tmp_path: Path, old: str, new: str) -> Path:
    for file in (SUPERSET / "assets").rglob("*.*"):
        copied = tmp_path / file.relative_to(SUPERSET / "assets")
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return tmp_path


def test_colours_of_labels_come_from_the_policy(documents: Documents) -> None:
    colours = documents[DASHBOARD]["metadata"]["label_colors"]
    policy = asset_files.policy_colours(asset_files.LABELS_FILE)
    assert policy
    assert policy.items() <= colours.items()


def test_a_label_without_chinese_is_refused() -> None:
    model = {
        "name": "fct_x",
        "columns": [
            {
                "name": "tier",
                "data_type": "varchar",
                "description": "Tier.",
                "config": {"meta": {"label_en": "Tier"}},
            }
        ],
    }
    with pytest.raises(labels.LabelError, match=r"fct_x\.tier has no label_zh"):
        labels.columns_of(model, {})


def test_a_label_is_english_then_chinese_with_its_doc_block() -> None:
    meta = {"label_en": "Tier", "label_zh": "客户等级"}
    column = {
        "name": "tier",
        "data_type": "varchar",
        "description": "{{ doc('tier') }}",
        "config": {"meta": meta},
    }
    assert labels.columns_of({"name": "fct_x", "columns": [column]}, {"tier": "Tier at month-end."}) == {
        "tier": {"type": "VARCHAR", "label": "Tier 客户等级", "description": "Tier at month-end."}
    }


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from dim_customers",
        "select tier, sum(aum_amount) from main.dim_customers group by 1 order by 2 desc limit 5",
        "with t as (select * from fct_alerts) select * from t",
        "select 1 union all select 2",
        "select case when 'drop table' = 'x' then 1 end -- a comment; with a semicolon",
        "select date_trunc('month', snapshot_date), current_date from fct_portfolio_monthly",
        "select * from fct_alerts where evidence_json ->> 'rule' = 'a' qualify row_number() over () = 1",
        "select x from unnest([1, 2]) as u(x)",
        "select * from (select 1 as a) as s where exists (select 1 from fct_refreshes)",
    ],
)
def test_guard_lets_plain_selects_pass(sql: str) -> None:
    assert sql_guard.guard(sql) == sql


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "select 1; select 2",
        "select 1; drop table dim_customers",
        "insert into fct_alerts select * from fct_alerts",
        "update dim_customers set tier = 'vip'",
        "delete from dim_customers",
        "create table t as select 1",
        "drop table dim_customers",
        "alter table dim_customers add column x int",
        "copy dim_customers to '/tmp/x.csv'",
        "copy (select 1) to '/tmp/x.csv'",
        "export database '/tmp/x'",
        "import database '/tmp/x'",
        "attach '/tmp/x.db'",
        "detach main",
        "install httpfs",
        "load httpfs",
        "pragma database_list",
        "set memory_limit = '1TB'",
        "reset memory_limit",
        "call pragma_version()",
        "checkpoint",
        "vacuum",
        "explain select 1",
        "describe dim_customers",
        "show tables",
        "summarize dim_customers",
        "from dim_customers pivot (count(*) for tier in ('vip'))",
        "pivot dim_customers on tier",
        "unpivot dim_customers on tier",
        "use memory",
        "prepare p as select 1",
        "execute p",
        "select * from read_csv('/etc/passwd')",
        "select * from READ_CSV_AUTO('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select content from read_blob('/etc/passwd')",
        "select * from read_parquet('x.parquet')",
        "select * from read_json('x.json')",
        "select * from read_duckdb('x.duckdb', table_name => 't')",
        "select * from '/etc/passwd'",
        'select * from "/etc/passwd"',
        "select * from 'data.parquet'",
        "select * from glob('/*')",
        "select * from sniff_csv('/etc/passwd')",
        "select getenv('HOME')",
        "select current_setting('temp_directory')",
        "select * from duckdb_settings()",
        "select * from duckdb_secrets()",
        "select * from duckdb_databases",
        "select * from which_secret('s3://x', 's3')",
        "select * from pragma_database_list()",
        "select * from query('select 1')",
        "select * from query_table('dim_customers')",
        "select * from information_schema.tables",
        "select * from pg_catalog.pg_class",
        "select * from warehouse.main.dim_customers",
        "select * from system.main.duckdb_tables",
        "select * from sqlite_master",
        "select (select content from read_text('/etc/passwd'))",
        "with t as (select * from read_csv('/etc/passwd')) select * from t",
        "select 1 union all select size from glob('/*')",
        "/* hidden */ copy dim_customers to '/tmp/x' -- select",
    ],
)
def test_guard_refuses(sql: str) -> None:
    with pytest.raises(sql_guard.RefusedSqlError, match="Refused"):
        sql_guard.guard(sql)


def test_the_database_is_opened_locked(documents: Documents) -> None:
    database = documents["databases/clientele.yaml"]
    arguments = database["extra"]["engine_params"]["connect_args"]
    assert arguments["read_only"] is True
    assert arguments["config"]["enable_external_access"] is False
    assert arguments["config"]["lock_configuration"] is True
    assert not any(database[flag] for flag in ("allow_ctas", "allow_cvas", "allow_dml", "allow_csv_upload"))


def test_executives_have_neither_sql_nor_downloads() -> None:
    roles = yaml.safe_load((SUPERSET / "roles.yml").read_text(encoding="utf-8"))["roles"]
    assert set(roles) == {"Executive", "Analyst"}
    granted = roles["Executive"]["permissions"]
    assert not [name for name in granted if any(word in name for word in ("SQL", "csv", "Database", "Saved"))]
    assert not roles["Executive"].get("database")


def test_only_sql_lab_sees_a_database_and_nobody_everything() -> None:
    roles = yaml.safe_load((SUPERSET / "roles.yml").read_text(encoding="utf-8"))["roles"]
    granted = [permission for role in roles.values() for permission in role["permissions"]]
    assert not [
        permission for permission in granted if permission.startswith(("all_", "can_write on Database"))
    ]


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    place = runtime.Runtime(home=tmp_path / "superset", serving_file=tmp_path / "w.duckdb", port=1, threads=1)
    first = runtime.read_secrets(place)
    file = tmp_path / "superset" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(first) == set(runtime.SECRET_NAMES)
    assert min(len(value) for value in first.values()) >= 42
    assert len(set(first.values())) == len(first)
    assert runtime.read_secrets(place) == first == json.loads(file.read_text(encoding="utf-8"))


def test_the_server_binds_to_loopback_and_finds_no_shadow(tmp_path: Path) -> None:
    place = runtime.Runtime(home=tmp_path, serving_file=tmp_path / "w.duckdb", port=8123, threads=1)
    assert "--bind=127.0.0.1:8123" in serve.command(place)
    assert runtime.child_environment()["PYTHONPATH"] == str(SUPERSET)
    assert not (SUPERSET / "__init__.py").exists()
