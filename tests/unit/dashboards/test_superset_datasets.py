"""A dataset is a table with labels, sums and texts: a formula in it is an error, and formulas stand once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

SUPERSET = Path(__file__).resolve().parents[3] / "superset"
# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(SUPERSET))

import validate  # noqa: E402
from expanding import datasets, documents, folder, formulas, policy, texts  # noqa: E402

PORTFOLIO = Path("datasets/portfolio.yaml")
LATER = date(2026, 1, 1)


def _metric(changes: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(dataset: dict[str, Any]) -> None:
        dataset["metrics"]["customer_count"] = {"label": "Customers 客户数", **changes}

    return change


def _query(dataset: dict[str, Any]) -> None:
    dataset["sql_file"] = "portfolio.sql"


def _calculated_column(dataset: dict[str, Any]) -> None:
    dataset["columns"] = {"is_rich": {"label": "Rich? 富裕", "expression": "aum_amount > 1000000"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_metric({"expression": "sum(open_customers)"}), "'expression' is not known"),
        (_metric({"value": "sum(open_customers) / 2"}), "is not an aggregate"),
        (_metric({"value": "sum open_customers * 100"}), "is not an aggregate"),
        (_metric({"value": "sum case when open_customers > 0 then 1 end"}), "is not an aggregate"),
        (_metric({"value": "sqrt open_customers"}), "is not an aggregate"),
        (_metric({"value": "sum no_such_column"}), "there is no column no_such_column"),
        (_metric({"formula": "sqrt", "of": ["sum open_customers"]}), "has no formula 'sqrt'"),
        (_metric({"formula": "ratio", "of": ["sum open_customers"]}), "ratio takes numerator, denominator"),
        (_metric({"formula": "in_100_million", "of": ["sum(aum_amount) * 2"]}), "is not an aggregate"),
        (_metric({"text": "{aum_100m:d * 2}"}), "'d * 2' is not a format"),
        (_metric({"text": "{no_such_metric:d}"}), "names 'no_such_metric'"),
        (_metric({"value": "sum open_customers", "text": "x"}), "must be one of"),
        (_query, "'sql_file' is not known; a dataset is a table"),
        (_calculated_column, "a column of a dataset is a text"),
    ],
)
def test_a_dataset_with_a_formula_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    shutil.copytree(SUPERSET / "assets", tmp_path, dirs_exist_ok=True)
    dataset = yaml.safe_load((tmp_path / PORTFOLIO).read_text(encoding="utf-8"))
    change(dataset)
    (tmp_path / PORTFOLIO).write_text(yaml.safe_dump(dataset, allow_unicode=True), encoding="utf-8")
    with pytest.raises(folder.AssetError, match=r"datasets/portfolio: ") as refused:
        documents.expand(tmp_path, validate.PLACEHOLDERS, validate.LAST_DAY)
    assert message in str(refused.value)


def test_the_formulas_are_those_of_the_models() -> None:
    """NPS of 50 promoters, 30 passives and 20 detractors, as published: 30 ± 1.96 × 7.81."""
    answers = ["50", "30", "20"]
    found = duckdb.execute(
        f"""
        select {formulas.formula("nps", answers)}, {formulas.formula("nps_drawn_lower", [*answers, "1.96"])},
            {formulas.formula("nps_drawn_upper", [*answers, "1.96"])},
            {formulas.formula("nps_drawn_upper", ["2", "0", "1", "1.96"])},
            {formulas.formula("nps_drawn_lower", ["null", "null", "null", "1.96"])}
        """
    ).fetchall()[0]
    assert found == (pytest.approx(30), pytest.approx(14.691911), pytest.approx(45.308089), 100, None)
    scores = "models/intermediate/satisfaction/int_satisfaction__scores.sql"
    model = (formulas.METRICS_FILE.parents[1] / scores).read_text(encoding="utf-8")
    for name in ("nps", "nps_standard_error", "nps_interval_lower", "nps_interval_upper", "is_small_sample"):
        assert f"{{{{ {name}(" in model or f" {name}(" in model, name


def test_every_formula_is_used() -> None:
    project = formulas.METRICS_FILE.parents[1]
    used = "".join(file.read_text(encoding="utf-8") for file in project.rglob("*.sql"))
    used += "".join(file.read_text(encoding="utf-8") for file in (SUPERSET / "assets").rglob("*.yaml"))
    for name in formulas.names():
        assert used.count(f"{name}(") > 1 or f"formula: {name}\n" in used, name


@pytest.mark.parametrize(
    ("look", "value", "shown"),
    [
        ("{n:d}", "1234.4", "1234"),
        ("{n:,d}", "1234567", "1,234,567"),
        ("{n:+d}", "-3", "-3"),
        ("{n:+d}", "3", "+3"),
        ("{n:.1f}", "2.25", "2.2"),
        ("{n:+.1f} points", "2.5", "+2.5 points"),
        ("{n:.1%}", "0.125", "12.5 %"),
        ("{n:▲.1%} vs last month", "0.012", "▲ 1.2 % vs last month"),
        ("{n:▲.1%}", "-0.012", "▼ 1.2 %"),
        ("{n:▲.1%}", "0", "▬ 0.0 %"),
        ("{n:▲.1pp}", "-0.004", "▼ 0.4 pp"),
        ("{n:▲d}", "-12", "▼ 12"),
        ("{n:%Y-%m}", "date '2025-12-31'", "2025-12"),
        ("→ {n}", "'it''s'", "→ it's"),
        ("n{n:?, small}{n:!, large}", "true", "n, small"),
        ("n{n:?, small}{n:!, large}", "0", "n, large"),
        ("{n:d} new", "null", "nothing"),
        ("{n:?yes}", "null", "nothing"),
        ("it's {n:d}", "1", "it's 1"),
    ],
)
def test_a_text_shows_a_value(look: str, value: str, shown: str) -> None:
    sql = texts.expression(look, {"n": value}, empty="nothing")
    assert duckdb.execute(f"select {sql}").fetchall() == [(shown,)]


def test_a_look_that_does_not_exist_is_refused() -> None:
    with pytest.raises(folder.AssetError, match="round"):
        texts.expression("{n:round}", {"n": "1"})


@pytest.fixture
def decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy whose confidence changes with the year 2026."""
    (tmp_path / "policy_parameters.csv").write_text(
        "topic,parameter,value,effective_from,effective_to\n"
        "satisfaction,confidence_z,1.96,1990-01-01,2025-12-31\n"
        "satisfaction,confidence_z,1.6449,2026-01-01,\n"
        "activity,active_window_days,90,1990-01-01,2025-12-31\n",
        encoding="utf-8",
    )
    (tmp_path / "labels.csv").write_text(
        "label_zh,label_en,colour,effective_from,effective_to\n"
        "贵宾,VIP,#111111,1990-01-01,2025-12-31\n"
        "贵宾,VIP,#222222,2026-01-01,\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(policy, "POLICY", tmp_path)


def test_texts_take_their_numbers_from_the_policy_of_the_day(decided: None) -> None:
    told = {"title": ["{policy:satisfaction.confidence_z:confidence} interval"], "width": 3}
    assert policy.filled(told, date(2025, 12, 31)) == {"title": ["95 % interval"], "width": 3}
    assert policy.filled(told, LATER) == {"title": ["90 % interval"], "width": 3}
    assert policy.filled("{policy:activity.active_window_days} days", date(2025, 1, 1)) == "90 days"
    assert policy.colours(LATER)["VIP 贵宾"] == "#222222"


def test_a_number_that_is_not_in_force_is_refused(decided: None) -> None:
    with pytest.raises(folder.AssetError, match=r"no activity\.active_window_days on 2026-01-01"):
        policy.filled("{policy:activity.active_window_days} days", LATER)


def test_no_asset_writes_a_number_of_policy_down() -> None:
    """Words such as 95 % and 90 days come from policy."""
    for file in (SUPERSET / "assets").rglob("*.yaml"):
        if file.name != datasets.COLUMNS_FILE:
            said = file.read_text(encoding="utf-8")
            assert not [word for word in ("95 %", "95%", "90 days", "12 months") if word in said], file.name
