"""The dashboards' files are consistent, labelled and locked down; and the checks that say so do bite."""

from __future__ import annotations

import copy
import json
import shutil
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

import labels  # noqa: E402
import runtime  # noqa: E402
import serve  # noqa: E402
import validate  # noqa: E402
from expanding import documents as asset_documents  # noqa: E402
from expanding import folder, policy  # noqa: E402
from expanding.names import asset_uuid  # noqa: E402
from provisioning import access  # noqa: E402

Documents = dict[str, dict[str, Any]]
ASSETS = SUPERSET / "assets"
SECOND_DASHBOARD = Path(__file__).resolve().parents[2] / "e2e" / "second-dashboard"
"""A dashboard as somebody would add it: this folder, and nothing else."""
DASHBOARD = "dashboards/executive-overview.yaml"
CHART = "charts/executive-overview/segment_distribution.yaml"
DATASET = "datasets/portfolio.yaml"
WAVES = "datasets/survey_waves_monthly.yaml"
FLOW = "datasets/executive-overview/lifecycle_flow.yaml"
DASHBOARDS = sorted(folder.read(ASSETS).dashboards)
ROLES = yaml.safe_load((SUPERSET / "roles.yml").read_text(encoding="utf-8"))["roles"]


def expand(assets: Path) -> Documents:
    return asset_documents.expand(assets, validate.PLACEHOLDERS, validate.LAST_DAY)


@pytest.fixture(scope="module")
def expanded() -> Documents:
    return expand(ASSETS)


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
    assert expand(ASSETS) == documents


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_dashboard_shows_all_its_charts_and_filters_them(documents: Documents, slug: str) -> None:
    dashboard = folder.read(ASSETS).dashboards[slug]
    shown = [chart for row in dashboard.document["rows"] for chart in row["charts"]]
    assert sorted(shown) == sorted(dashboard.charts)
    filters = documents[f"dashboards/{slug}.yaml"]["metadata"]["native_filter_configuration"]
    assert len(filters) == len(dashboard.document["filters"])


@pytest.mark.parametrize("slug", DASHBOARDS)
def test_a_dashboard_is_seen_by_somebody_who_sees_all_its_data(slug: str) -> None:
    assets = folder.read(ASSETS)
    seen = access.audience(assets, ROLES)[slug]
    assert seen
    datasets = {asset_uuid("datasets", name) for name in assets.datasets_of(slug)}
    assert all(datasets <= access.datasets_seen(assets, ROLES)[role] for role in seen)


def test_people_are_sent_to_a_dashboard_that_is_there(tmp_path: Path) -> None:
    assert folder.read(ASSETS).start in DASHBOARDS
    shutil.copytree(ASSETS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "start.yaml").write_text("dashboard: gone\n", encoding="utf-8")
    with pytest.raises(folder.AssetError, match="no dashboard 'gone'"):
        assert folder.read(tmp_path).start


def test_adding_a_dashboard_takes_its_folder_alone(documents: Documents, tmp_path: Path) -> None:
    shutil.copytree(ASSETS, tmp_path, dirs_exist_ok=True)
    shutil.copytree(SECOND_DASHBOARD, tmp_path / "dashboards" / "alert-desk")
    both = expand(tmp_path)
    assert list(validate.problems(both)) == []
    assert documents.items() < both.items()
    assert {name for name in both if "alert-desk" in name} == {
        "dashboards/alert-desk.yaml",
        "charts/alert-desk/by_branch.yaml",
    }
    assets = folder.read(tmp_path)
    assert access.audience(assets, ROLES)["alert-desk"] == ["Analyst"]
    seen = access.datasets_seen(assets, ROLES)
    assert asset_uuid("datasets", "alerts") in seen["Executive"] & seen["Analyst"]


def test_adding_a_metric_takes_its_lines_in_a_dataset_alone(documents: Documents, tmp_path: Path) -> None:
    added = "  answers:\n    label: Answers 回答数\n    value: sum responses\n    format: ',d'\n"
    shutil.copytree(ASSETS, tmp_path, dirs_exist_ok=True)
    with (tmp_path / WAVES).open("a", encoding="utf-8") as dataset:
        dataset.write(added)  # the metrics come last
    both = expand(tmp_path)
    assert list(validate.problems(both)) == []
    assert {name for name in both if both[name] != documents.get(name)} == {WAVES}
    [metric] = [metric for metric in both[WAVES]["metrics"] if metric["metric_name"] == "answers"]
    assert (metric["verbose_name"], metric["expression"]) == ("Answers 回答数", "sum(responses)")


def test_a_role_sees_the_data_of_its_dashboards_alone(tmp_path: Path) -> None:
    shutil.copytree(ASSETS, tmp_path, dirs_exist_ok=True)
    own = tmp_path / "dashboards" / "executive-overview"
    (own / "dashboard.yaml").write_text(
        (own / "dashboard.yaml").read_text(encoding="utf-8").replace("[Executive]", "[Analyst]"),
        encoding="utf-8",
    )
    seen = access.datasets_seen(folder.read(tmp_path), ROLES)
    assert seen["Executive"] == set()
    assert len(seen["Analyst"]) == len(folder.read(tmp_path).datasets_of("executive-overview"))


def test_a_dashboard_for_an_unknown_role_is_refused(tmp_path: Path) -> None:
    assets = folder.read(_assets_with(tmp_path, "roles: [Executive]", "roles: [Board]"))
    with pytest.raises(folder.AssetError, match="Board"):
        access.audience(assets, ROLES)


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
    columns = documents[FLOW]["columns"]
    columns[:] = [column for column in columns if column["column_name"] != "month_label"]


def _formula_in_a_chart(documents: Documents) -> None:
    documents[CHART]["params"]["metrics"] = [{"expressionType": "SQL", "sqlExpression": "sum(a) / sum(b)"}]


def _two_datasets_on_a_table(documents: Documents) -> None:
    documents[FLOW]["table_name"] = "fct_portfolio_monthly"


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
        (_formula_in_a_chart, "a formula in a chart: sum(a) / sum(b)"),
        (_two_datasets_on_a_table, "fct_portfolio_monthly has 2 datasets"),
    ],
)
def test_validation_finds(documents: Documents, damage: Callable[[Documents], None], message: str) -> None:
    damage(documents)
    assert any(message in problem for problem in validate.problems(documents))


def test_a_row_must_fill_the_grid(tmp_path: Path) -> None:
    with pytest.raises(folder.AssetError, match="11 columns wide"):
        expand(_assets_with(tmp_path, "nps_trend: 5", "nps_trend: 4"))


def test_an_unknown_chart_is_named(tmp_path: Path) -> None:
    with pytest.raises(folder.AssetError, match="nps_trends"):
        expand(_assets_with(tmp_path, "nps_trend: 5", "nps_trends: 5"))


def test_an_unknown_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(folder.AssetError, match="no dataset 'portfolios'"):
        expand(_assets_with(tmp_path, "dataset: portfolio\n", "dataset: portfolios\n"))


def _assets_with(tmp_path: Path, old: str, new: str) -> Path:
    for file in (SUPERSET / "assets").rglob("*.*"):
        copied = tmp_path / file.relative_to(SUPERSET / "assets")
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return tmp_path


def test_colours_of_labels_come_from_the_policy(documents: Documents) -> None:
    colours = documents[DASHBOARD]["metadata"]["label_colors"]
    decided = policy.colours(validate.LAST_DAY)
    assert decided
    assert decided.items() <= colours.items()


COLUMN = {"name": "tier", "data_type": "varchar", "description": "{{ doc('tier') }}"}


@pytest.mark.parametrize("block", ["Tier at month-end.", "Tier\n\nTier at month-end.", "Tier 客户等级"])
def test_a_label_needs_both_languages_and_a_description(block: str) -> None:
    with pytest.raises(labels.LabelError, match=r"fct_x\.tier has no label in English and Chinese"):
        labels.columns_of({"name": "fct_x", "columns": [COLUMN]}, {"tier": block})


def test_a_label_stands_above_the_description_in_the_doc_block() -> None:
    docs = {"tier": "Tier 客户等级\n\nTier at\nmonth-end."}
    assert labels.columns_of({"name": "fct_x", "columns": [COLUMN]}, docs) == {
        "tier": {"type": "VARCHAR", "label": "Tier 客户等级", "description": "Tier at month-end."}
    }


def test_the_database_is_opened_locked(documents: Documents) -> None:
    database = documents["databases/clientele.yaml"]
    arguments = database["extra"]["engine_params"]["connect_args"]
    assert arguments["read_only"] is True
    assert arguments["config"]["enable_external_access"] is False
    assert arguments["config"]["lock_configuration"] is True
    assert not any(database[flag] for flag in ("allow_ctas", "allow_cvas", "allow_dml", "allow_csv_upload"))


def test_executives_have_neither_sql_nor_downloads() -> None:
    assert set(ROLES) == {"Executive", "Analyst"}
    granted = ROLES["Executive"]["permissions"]
    assert not [name for name in granted if any(word in name for word in ("SQL", "csv", "Database", "Saved"))]
    assert not ROLES["Executive"].get("database")


def test_only_sql_lab_sees_a_database_and_nobody_everything() -> None:
    granted = [permission for role in ROLES.values() for permission in role["permissions"]]
    assert not [
        permission for permission in granted if permission.startswith(("all_", "can_write on Database"))
    ]


def _place(home: Path, port: int) -> runtime.Runtime:
    return runtime.Runtime(
        home=home, serving_file=home / "w.duckdb", port=port, threads=1, data_docs=home / "data_docs"
    )


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    place = _place(tmp_path / "superset", 1)
    first = runtime.read_secrets(place)
    file = tmp_path / "superset" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(first) == set(runtime.SECRET_NAMES)
    assert min(len(value) for value in first.values()) >= 42
    assert len(set(first.values())) == len(first)
    assert runtime.read_secrets(place) == first == json.loads(file.read_text(encoding="utf-8"))


def test_the_server_binds_to_loopback_and_finds_no_shadow(tmp_path: Path) -> None:
    place = _place(tmp_path, 8123)
    assert "--bind=127.0.0.1:8123" in serve.command(place)
    assert runtime.child_environment()["PYTHONPATH"] == str(SUPERSET)
    assert not (SUPERSET / "__init__.py").exists()
