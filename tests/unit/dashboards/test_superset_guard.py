"""Which SQL may reach the served file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(Path(__file__).resolve().parents[3] / "superset"))

from querying import sql_guard


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
