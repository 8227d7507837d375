"""SQL Lab answers questions about the served tables and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
import yaml

from tests.e2e import attacks
from tests.e2e.conftest import CANARY, PYTHON, ROOT, Superset

LEGITIMATE = [
    "select count(*) as customers from dim_customers",
    "select tier_label, count(*) from main.dim_customers group by 1 order by 2 desc",
    "with open_alerts as (select * from fct_alerts where state = 'firing') select count(*) from open_alerts",
    "select snapshot_date, sum(aum_amount) from fct_portfolio_monthly group by 1 order by 1 -- trend",
    "select 1 union all select count(*) from fct_refreshes",
]


@pytest.fixture(scope="module")
def analyst(superset: Superset) -> requests.Session:
    return superset.session("analyst")


@pytest.fixture(scope="module")
def database_id(superset: Superset, analyst: requests.Session) -> int:
    databases = superset.get(analyst, "/api/v1/database/")["result"]
    assert [database["database_name"] for database in databases] == ["Clientele"]
    return int(databases[0]["id"])


def _run(superset: Superset, session: requests.Session, database_id: int, sql: str) -> requests.Response:
    return session.post(
        f"{superset.url}/api/v1/sqllab/execute/",
        json={"database_id": database_id, "sql": sql, "schema": "main", "runAsync": False, "queryLimit": 100},
        timeout=60,
    )


def _secrets(superset: Superset) -> list[str]:
    secrets = json.loads((superset.home / "superset" / "secrets.json").read_text(encoding="utf-8"))
    return ["root:x:0", f'"{CANARY}"', *secrets.values(), *superset.logins.values()]


@pytest.mark.parametrize("sql", LEGITIMATE)
def test_questions_about_the_tables_are_answered(
    superset: Superset, analyst: requests.Session, database_id: int, sql: str
) -> None:
    answer = _run(superset, analyst, database_id, sql)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "success"
    assert answer.json()["data"]


@pytest.mark.parametrize("sql", attacks.THROUGH_SQL_LAB)
def test_attacks_are_refused(
    superset: Superset, analyst: requests.Session, database_id: int, tmp_path: Path, sql: str
) -> None:
    statement = sql.replace("{home}", str(superset.home)).replace("{loot}", str(tmp_path))
    answer = _run(superset, analyst, database_id, statement)
    assert answer.status_code >= 400, answer.text[:500]
    assert "CSRF" not in answer.text  # refused for what it asks, not for how it was sent
    assert not [secret for secret in _secrets(superset) if secret in answer.text]
    assert list(tmp_path.iterdir()) == []


ON_BOTH_WALLS = [(reason, sql) for reason, tried in attacks.ON_BOTH_WALLS.items() for sql in tried]
Walls = dict[str, dict[str, str | None]]


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loot")


@pytest.fixture(scope="module")
def walls(superset: Superset, loot: Path, tmp_path_factory: pytest.TempPathFactory) -> Walls:
    """What guard and engine say to each attempt, all asked in one process of Superset's Python."""
    file = tmp_path_factory.mktemp("secret") / "secret.csv"
    file.write_text(f"{CANARY}\n", encoding="utf-8")
    statements = [sql for _, sql in ON_BOTH_WALLS] + list(attacks.HARMLESS)
    values = {"{home}": str(superset.home), "{loot}": str(loot), "{file}": str(file)}
    asked = {
        "served": str(superset.home / "serving" / "current" / "warehouse.duckdb"),
        "spill": str(superset.home / "superset" / "spill"),
        "statements": [_filled(sql, values) for sql in statements],
    }
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "tests" / "e2e" / "walls.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "superset"), "E2E_CANARY": CANARY},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(statements, json.loads(done.stdout), strict=True))


def _filled(sql: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        sql = sql.replace(name, value)
    return sql


@pytest.mark.parametrize(("reason", "sql"), ON_BOTH_WALLS)
def test_the_guard_refuses_and_the_engine_gives_nothing_away(
    superset: Superset, walls: Walls, loot: Path, reason: str, sql: str
) -> None:
    answer = walls[sql]
    assert str(answer["guard"]).startswith("Refused"), f"{reason}: the guard lets it pass"
    assert not [secret for secret in [CANARY, *_secrets(superset)] if secret in str(answer["engine"])]
    assert list(loot.iterdir()) == []


@pytest.mark.parametrize("sql", attacks.HARMLESS)
def test_what_the_guard_lets_pass_is_harmless(superset: Superset, walls: Walls, loot: Path, sql: str) -> None:
    answer = walls[sql]
    assert answer["guard"] is None, "it is refused: list it there"
    assert not [secret for secret in [CANARY, *_secrets(superset)] if secret in str(answer["engine"])]
    assert list(loot.iterdir()) == []


def test_at_least_160_attempts_are_made() -> None:
    tried = {*attacks.THROUGH_SQL_LAB, *(sql for _, sql in ON_BOTH_WALLS), *attacks.HARMLESS}
    assert len(tried) >= 160


CHART_SQL = [
    "(select content from read_text('/etc/passwd'))",
    "read_text('/etc/passwd')",
    "getenv('E2E_CANARY')",
    "current_setting('temp_directory')",
    "(select max(name) from duckdb_settings())",
    "(select max(path) from pragma_database_list)",
    "max(tier)) from dim_customers; copy dim_customers to '{loot}/a.csv'; --",
    "(from '/etc/passwd')",
    "query('select 1')",
    "sleep_ms(60000)",
]


def _with_sql(place: str, sql: str) -> dict[str, Any]:
    part = {"expressionType": "SQL", "label": "x", "sqlExpression": sql}
    places: dict[str, dict[str, Any]] = {
        "column": {"columns": [part], "metrics": []},
        "metric": {"columns": [], "metrics": [part]},
        "order": {"columns": [], "metrics": ["count"], "orderby": [[part, True]]},
        "where": {"columns": [], "metrics": ["count"], "extras": {"where": f"{sql} is not null"}},
        "having": {"columns": [], "metrics": ["count"], "extras": {"having": f"{sql} is not null"}},
        "filter": {"columns": [], "metrics": ["count"], "filters": [{"col": part, "op": "==", "val": "1"}]},
    }
    return places[place]


@pytest.mark.parametrize("sql", CHART_SQL)
@pytest.mark.parametrize("place", ["column", "metric", "order", "where", "having", "filter"])
def test_sql_in_a_chart_is_refused(
    superset: Superset, analyst: requests.Session, tmp_path: Path, place: str, sql: str
) -> None:
    chart = superset.get(analyst, "/api/v1/chart/")["result"][0]
    query = {"row_limit": 1, **_with_sql(place, sql.replace("{loot}", str(tmp_path)))}
    answer = analyst.post(
        f"{superset.url}/api/v1/chart/data",
        json={"datasource": {"id": int(chart["datasource_id"]), "type": "table"}, "queries": [query]},
        timeout=60,
    )
    assert answer.status_code >= 400, answer.text[:500]
    assert "CSRF" not in answer.text
    assert not [secret for secret in _secrets(superset) if secret in answer.text]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql", ["select * from read_text('/etc/passwd')", "select getenv('E2E_CANARY') as x"]
)
def test_even_the_administrators_datasets_read_no_file(
    superset: Superset, database_id: int, sql: str
) -> None:
    session = superset.session("admin")
    made = session.post(
        f"{superset.url}/api/v1/dataset/",
        json={"database": database_id, "schema": "main", "table_name": "stolen", "sql": sql},
        timeout=60,
    )
    answers = [made.text]
    if made.ok:
        body = {"datasource": {"id": made.json()["id"], "type": "table"}}
        for kind in ("full", "samples", "drill_detail"):
            query = {"columns": ["x"], "metrics": [], "row_limit": 1}
            answer = session.post(
                f"{superset.url}/api/v1/chart/data",
                json={**body, "queries": [query], "result_type": kind},
                timeout=60,
            )
            answers.append(answer.text)
        samples = f"/datasource/samples?datasource_id={made.json()['id']}&datasource_type=table"
        answers.append(session.post(superset.url + samples, json={}, timeout=60).text)
        session.delete(f"{superset.url}/api/v1/dataset/{made.json()['id']}", timeout=60)
    assert not [secret for secret in [CANARY, *_secrets(superset)] for text in answers if secret in text]


@pytest.mark.parametrize(
    "path",
    [
        "database/{id}/table_metadata/?name=read_text('/etc/passwd')&schema=main",
        "database/{id}/table_metadata/extra/?name='/etc/passwd'&schema=main",
        "database/{id}/select_star/read_text('%2Fetc%2Fpasswd')/main/",
        "database/{id}/table/'%2Fetc%2Fpasswd'/main/",
        "database/{id}/tables/?q=(schema_name:'x''%20union%20select%20content%20from%20read_text(''/etc/passwd'')')",
    ],
)
def test_the_browser_of_tables_reads_no_file(
    superset: Superset, analyst: requests.Session, database_id: int, path: str
) -> None:
    answer = analyst.get(f"{superset.url}/api/v1/{path.replace('{id}', str(database_id))}", timeout=60)
    assert "root:x:0" not in answer.text


@pytest.mark.parametrize("method", ["TABLE", "VIEW"])
def test_a_result_cannot_be_kept_in_the_release(
    superset: Superset, analyst: requests.Session, database_id: int, method: str
) -> None:
    asked = {"select_as_cta": True, "ctas_method": method, "tmp_table_name": "stolen", "sql": "select 1 as a"}
    answer = analyst.post(
        f"{superset.url}/api/v1/sqllab/execute/",
        json={"database_id": database_id, "schema": "main", "runAsync": False, "queryLimit": 100, **asked},
        timeout=60,
    )
    assert answer.status_code >= 400, answer.text[:500]


def test_the_attacks_changed_nothing(superset: Superset, analyst: requests.Session, database_id: int) -> None:
    answer: Any = _run(superset, analyst, database_id, "select count(*) as n from dim_customers").json()
    assert answer["data"][0]["n"] > 0


def test_the_locked_engine_alone_stops_files_and_settings(superset: Superset) -> None:
    """The wall behind the guard: what DuckDB itself refuses when opened as the assets say."""
    document = yaml.safe_load(Path("superset/assets/databases/clientele.yaml").read_text(encoding="utf-8"))
    arguments = document["extra"]["engine_params"]["connect_args"]
    config = {key: value for key, value in arguments["config"].items() if "$" not in str(value)}
    served = superset.home / "serving" / "current" / "warehouse.duckdb"
    with duckdb.connect(str(served), read_only=arguments["read_only"], config=config) as connection:
        for sql in (
            "select * from read_text('/etc/passwd')",
            "copy (select 1) to '/tmp/clientele-attack.csv'",
            "attach '/tmp/clientele-attack.duckdb'",
            "set enable_external_access = true",
            "install httpfs",
            "create table t as select 1",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql).fetchall()
