"""Every model has one row per what its description says, in the warehouse of the tiny bank."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import yaml

from clientele.settings import ROOT, Settings

DESCRIBED: dict[str, dict[str, Any]] = {
    node["name"]: node
    for file in sorted((ROOT / "dbt_project" / "models").rglob("*.yml"))
    for node in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
}
KEYS = {
    name: node["config"]["meta"]["key"]
    for name, node in DESCRIBED.items()
    if "key" in node.get("config", {}).get("meta", {})
}


@pytest.mark.parametrize("model", sorted(KEYS))
def test_the_key_is_unique(model: str, tiny_settings: Settings) -> None:
    columns = ", ".join(KEYS[model])
    with duckdb.connect(str(tiny_settings.warehouse), read_only=True) as warehouse:
        found = warehouse.sql(f"select {columns} from {model} group by {columns} having count(*) > 1 limit 5")
        assert found.fetchall() == []
