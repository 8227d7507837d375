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

from tests.e2e.conftest import CANARY, PYTHON, ROOT, Superset

LEGITIMATE = [
    "select count(*) as customers from dim_customers",
    "select tier_label, count(*) from main.dim_customers group by 1 order by 2 desc",
    "with open_alerts as (select * from fct_alerts where state = 'firing') select count(*) from open_alerts",
    "select snapshot_date, sum(aum_amount) from fct_portfolio_monthly group by 1 order by 1 -- trend",
    "select 1 union all select count(*) from fct_refreshes",
]
# {home} holds Superset's metadata, its secrets and the release; {loot} is an empty directory.
ATTACKS = [
    "select * from read_csv('/etc/passwd', header = false, sep = '|')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select content from read_blob('/etc/passwd')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select * from read_text('/proc/self/environ')",
    "select content from read_blob('{home}/superset/secrets.json')",
    "select * from read_text('{home}/superset/logins.json')",
    "select * from read_json_auto('{home}/superset/secrets.json')",
    "select * from read_json('../superset/secrets.json')",
    "select * from read_parquet('{home}/lake/raw/customers/*/*.parquet')",
    "select * from read_duckdb('{home}/serving/current/warehouse.duckdb', table_name => 'dim_customers')",
    "select * from glob('{home}/**')",
    "select * from sniff_csv('/etc/passwd')",
    "select getenv('E2E_CANARY')",
    "select getvariable('secret')",
    "select current_setting('temp_directory')",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_databases()",
    "select path from pragma_database_list",
    "pragma database_list",
    "pragma version",
    "copy (select * from dim_customers) to '{loot}/stolen.csv'",
    "copy dim_customers to '{loot}/stolen.parquet' (format parquet)",
    "export database '{loot}/dump'",
    "attach '{home}/superset/superset.db' as metadata (type sqlite)",
    "attach '{loot}/new.duckdb' as mine",
    "attach ':memory:' as scratch",
    "install httpfs",
    "load httpfs",
    "install sqlite from community",
    "select * from sqlite_scan('{home}/superset/superset.db', 'ab_user')",
    "select * from read_csv('https://example.com/x.csv')",
    "set enable_external_access = true",
    "set global lock_configuration = false",
    "set temp_directory = '{loot}'",
    "reset enable_external_access",
    "create table stolen as select * from dim_customers",
    "create temp table stolen as select 1",
    "create macro m() as 1",
    "create secret s (type s3, key_id 'a', secret 'b')",
    "create or replace view dim_customers as select 1",
    "insert into fct_refreshes select * from fct_refreshes",
    "update dim_customers set tier = 'vip'",
    "delete from fct_alerts",
    "truncate fct_alerts",
    "drop table dim_customers",
    "alter table dim_customers add column note varchar",
    "select * from query('select * from read_text(''/etc/passwd'')')",
    "select * from query_table('dim_customers')",
    "select 1; select * from read_text('/etc/passwd')",
    "select 1 /* ; */; copy dim_customers to '{loot}/stolen.csv'",
    "select 1 --\n; attach '{loot}/x.duckdb'",
    "/**/select/**/*/**/from/**/read_text/**/('/etc/passwd')",
    "SELECT * FROM ReAd_TeXt('/etc/passwd')",
    "with x as (select * from read_text('/etc/passwd')) select * from x",
    "select (select content from read_text('/etc/passwd'))",
    "select * from dim_customers where customer_id in (select content from read_text('/etc/passwd'))",
    "select 1 union all select length(content) from read_text('/etc/passwd')",
    "pivot dim_customers on tier using count(*)",
    "select * from (pivot dim_customers on tier using count(*))",
    "unpivot dim_customers on tier into name n value v",
    "summarize dim_customers",
    "describe dim_customers",
    "show all tables",
    "explain analyze select * from read_text('/etc/passwd')",
    "prepare p as select * from read_text('/etc/passwd')",
    "execute p",
    "call pragma_version()",
    "checkpoint",
    "use memory",
    "select * from information_schema.tables",
    "select * from pg_catalog.pg_settings",
    "select * from system.information_schema.schemata",
    "select * from warehouse.main.dim_customers",
    "select * from temp.main.t",
    "select * from sqlite_master",
    "from read_text('/etc/passwd')",
    "values (getenv('E2E_CANARY'))",
    "select json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "select * from test_all_types()",
    "select write_log('x')",
    "{{ 7 * 7 }} select 1",
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


@pytest.mark.parametrize("sql", ATTACKS)
def test_attacks_are_refused(
    superset: Superset, analyst: requests.Session, database_id: int, tmp_path: Path, sql: str
) -> None:
    statement = sql.replace("{home}", str(superset.home)).replace("{loot}", str(tmp_path))
    answer = _run(superset, analyst, database_id, statement)
    assert answer.status_code >= 400, answer.text[:500]
    assert "CSRF" not in answer.text  # refused for what it asks, not for how it was sent
    assert not [secret for secret in _secrets(superset) if secret in answer.text]
    assert list(tmp_path.iterdir()) == []


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


def test_a_runaway_query_is_interrupted_and_the_next_one_runs(superset: Superset) -> None:
    script = """
import sys, query_timeout, sqlalchemy
from sqlalchemy.pool import NullPool
query_timeout.install(0.5)
options = {"poolclass": NullPool, "connect_args": {"read_only": True}}
engine = sqlalchemy.create_engine("duckdb:///" + sys.argv[1], **options)
def ask(sql):
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()
    finally:
        connection.close()
try:
    ask("select count(*) from range(1000000000000) as r(i) where sqrt(i) = -1")
except Exception as error:
    print(error)
print(ask("select 42"))
"""
    served = superset.home / "serving" / "current" / "warehouse.duckdb"
    done = subprocess.run(
        [str(PYTHON), "-c", script, str(served)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "superset")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Interrupted" in done.stdout, done.stderr
    assert "[(42,)]" in done.stdout
