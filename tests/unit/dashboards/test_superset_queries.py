"""Superset's queries run in processes of their own, within their time, and dashboards come first."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import duckdb
import pytest

SUPERSET = Path(__file__).resolve().parents[3] / "superset"
# The folder itself, never the checkout: `superset` must stay the name of the package alone.
sys.path.append(str(SUPERSET))

from pages import offered  # noqa: E402
from querying import processes, saved_queries  # noqa: E402

SHORT, LONG = 1.0, 60.0
GONE_SECONDS = 5.0
CANNOT_BE_INTERRUPTED = [
    "select levenshtein(repeat('ab', 80000), repeat('ba', 80001))",
    "select sleep_ms(600000)",
    "select count(*) from range(1000000000000) as r(i) where sqrt(i) = -1",
]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """The link that is followed to the served file."""
    _publish(tmp_path, "monday")
    (tmp_path / "current").symlink_to("monday")
    return tmp_path / "current"


def _publish(folder: Path, name: str) -> None:
    (folder / name).mkdir()
    with duckdb.connect(str(folder / name / "warehouse.duckdb")) as connection:
        connection.execute(f"create table days as select '{name}' as day")


@pytest.fixture
def dialect() -> Iterator[processes.Dialect]:
    """A dialect with a server of its own, and no limit on the number of queries."""
    dialect = processes.Dialect()
    dialect.server = processes.QueryServer()
    processes.Dialect.admit = staticmethod(lambda _: False)
    yield dialect
    dialect.server.kill(0)  # it still answers


def _open(dialect: processes.Dialect, release: Path, seconds: float = LONG, **config: Any) -> Any:
    dialect.seconds = seconds
    locked = {"enable_external_access": False, "lock_configuration": True, "threads": 2, **config}
    return dialect.connect(database=str(release / "warehouse.duckdb"), read_only=True, config=locked)


def _rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor = connection.cursor()
    cursor.execute(sql)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _is_gone(process: int) -> bool:
    return _soon(lambda: not Path(f"/proc/{process}").exists())


def _parent(process: int) -> int:
    state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    return int(state.rpartition(")")[2].split()[1])


def test_rows_are_those_of_duckdb(dialect: processes.Dialect, release: Path) -> None:
    sql = """
        select 1 as whole, 'x' as text, date '2025-01-31' as day, timestamp '2025-01-31 10:00' as moment,
            1.50::decimal(18, 2) as amount, [1, 2] as list, {'a': 1} as struct, 'b'::blob as bytes,
            null as nothing, interval 1 day as span, true as flag,
            uuid '8c0ba0b4-7a5e-4b6e-9b5b-0a4c5a4a5a4a' as id, timestamptz '2025-01-31 10:00+08' as zoned
    """
    connection = _open(dialect, release)
    assert _rows(connection, sql) == duckdb.execute(sql).fetchall()
    assert [column[0] for column in connection.cursor().description][:3] == ["whole", "text", "day"]
    connection.cursor().execute("select ? + 1", (41,))
    assert connection.cursor().fetchall() == [(42,)]
    connection.close()


def test_rows_come_in_parts(dialect: processes.Dialect, release: Path) -> None:
    cursor = _open(dialect, release).cursor()
    cursor.execute("select i from range(5) as r(i) order by i")
    assert (cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall()) == ((0,), [(1,), (2,)], [(3,), (4,)])


def test_errors_are_those_of_duckdb(dialect: processes.Dialect, release: Path) -> None:
    connection = _open(dialect, release)
    with pytest.raises(duckdb.CatalogException, match="no_such_table"):
        _rows(connection, "select * from no_such_table")
    with pytest.raises(duckdb.TransactionException, match="no transaction is active"):
        connection.rollback()
    assert _rows(connection, "select 42") == [(42,)]
    connection.close()


def test_the_configuration_holds(dialect: processes.Dialect, release: Path) -> None:
    connection = _open(dialect, release)
    for sql in ("set threads = 1", "select * from read_text('/etc/passwd')", "create table t as select 1"):
        with pytest.raises(duckdb.Error):
            _rows(connection, sql)
    connection.close()
    with pytest.raises(duckdb.Error, match="no_such_setting"):
        _open(dialect, release, no_such_setting=True)


@pytest.mark.parametrize("sql", CANNOT_BE_INTERRUPTED)
def test_no_query_outlives_the_limit(dialect: processes.Dialect, release: Path, sql: str) -> None:
    connection = _open(dialect, release, SHORT)
    process = connection.process
    started = time.monotonic()
    with pytest.raises(processes.QueryEndedError, match="Stopped after 1 s"):
        _rows(connection, sql)
    assert time.monotonic() - started < SHORT + GONE_SECONDS
    assert _is_gone(process)
    with pytest.raises(processes.QueryEndedError, match="closed"):
        _rows(connection, "select 1")
    connection.rollback()  # as the pool does with what it gets back
    fresh = _open(dialect, release)
    assert fresh.process != process
    assert _rows(fresh, "select 42") == [(42,)]
    fresh.close()
    assert _is_gone(fresh.process)


def test_a_query_that_is_stopped_or_killed_says_so(dialect: processes.Dialect, release: Path) -> None:
    connection = _open(dialect, release)
    named = processes.identity(connection.process)
    assert processes.stop(named)
    with pytest.raises(processes.QueryEndedError, match="stopped, or ran out of memory"):
        _rows(connection, "select 1")
    assert _is_gone(connection.process)
    assert not processes.stop(named)


def test_another_process_of_the_same_number_is_not_stopped(release: Path) -> None:
    number, _, started = processes.identity(os.getpid()).partition(":")
    assert not processes.stop(f"{number}:{int(started) + 1}")


def test_queries_die_with_their_worker(release: Path) -> None:
    script = """
import sys, threading, time
sys.path.append(sys.argv[1])
from querying import processes
processes.install(600, lambda _: False)
connection = processes.Dialect().connect(database=sys.argv[2], read_only=True, config={})
print(connection.process, flush=True)
connection.cursor().execute("select sleep_ms(600000)")
"""
    command = [sys.executable, "-c", script, str(SUPERSET), str(release / "warehouse.duckdb")]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    process = int(worker.stdout.readline())
    server = _parent(process)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert _is_gone(process)
    assert _is_gone(server)


def test_queries_die_with_their_server_and_the_next_one_gets_a_new_server(
    dialect: processes.Dialect, release: Path
) -> None:
    connection = _open(dialect, release)
    server = int(
        Path(f"/proc/{connection.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
    )
    os.kill(server, signal.SIGKILL)
    assert _is_gone(connection.process)
    with pytest.raises(processes.QueryEndedError):
        _rows(connection, "select 1")
    assert _rows(_open(dialect, release), "select 42") == [(42,)]


def test_a_query_sees_no_environment(
    dialect: processes.Dialect, release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "canary")
    connection = _open(dialect, release)
    assert b"canary" not in Path(f"/proc/{connection.process}/environ").read_bytes()
    connection.close()


def test_connections_follow_the_link_and_queries_stay_with_their_release(
    dialect: processes.Dialect, release: Path
) -> None:
    before = _open(dialect, release)
    _publish(release.parent, "tuesday")
    draft = release.with_name("draft")
    draft.symlink_to("tuesday")
    draft.replace(release)
    after = _open(dialect, release)
    assert _rows(before, "from warehouse.main.days") == [("monday",)]
    assert _rows(after, "from warehouse.main.days") == [("tuesday",)]
    before.close()
    after.close()


def test_each_query_spills_into_a_folder_of_its_own(
    dialect: processes.Dialect, release: Path, tmp_path: Path
) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    options: dict[str, Any] = {"memory_limit": "64MB", "temp_directory": str(spill)}
    queries = [_open(dialect, release, **options) for _ in range(2)]
    for connection in queries:
        connection.cursor().execute("select i, hash(i)::varchar from range(3000000) as r(i) order by 2")
    assert {folder.name for folder in spill.iterdir()} == {str(connection.process) for connection in queries}
    for connection in queries:
        connection.close()
        assert _is_gone(connection.process)
    assert _soon(lambda: not list(spill.iterdir()))


def test_nothing_but_values_is_taken_from_a_query() -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"posix\.system"):
        processes.load(pickle.dumps((True, os.system, None, -1)))


def test_a_refused_query_starts_no_process(dialect: processes.Dialect, release: Path) -> None:
    given_back: list[bool] = []

    def refuse(resources: ExitStack) -> bool:
        resources.callback(given_back.append, True)
        raise RuntimeError("not now")

    processes.Dialect.admit = staticmethod(refuse)
    with pytest.raises(RuntimeError, match="not now"):
        _open(dialect, release)
    assert given_back == [True]


def _request(**changes: Any) -> dict[str, Any]:
    query = {
        "columns": ["branch_name"],
        "metrics": ["customer_count", {"expressionType": "SQL", "sqlExpression": "sum(a)"}],
        "orderby": [["customer_count", False]],
        "filters": [{"col": "month_label", "op": "IN", "val": ["2025-12"]}],
        "extras": {"where": "", "having": ""},
    }
    body = {"datasource": {"id": 7, "type": "table"}, "result_type": "full"}
    return {
        **body,
        **{key: changes.pop(key) for key in body if key in changes},
        "queries": [{**query, **changes}],
    }


SAVED = saved_queries.saved_queries(7, _request()["queries"])
SLOW = {"expressionType": "SQL", "label": "x", "sqlExpression": "levenshtein(a, b)"}


def test_what_was_saved_may_be_asked_with_other_filters() -> None:
    assert saved_queries.asks_no_more(_request(), SAVED)
    assert saved_queries.asks_no_more(_request(filters=[], metrics=["customer_count"]), SAVED)
    drawn = [{"operation": "pivot", "options": {}}, {"operation": "flatten"}, None]
    assert saved_queries.asks_no_more(_request(post_processing=drawn), SAVED)


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [SLOW]},
        {"columns": ["customer_id"]},
        {"groupby": [SLOW]},
        {"metrics": [SLOW]},
        {"metrics": [{"expressionType": "SIMPLE", "aggregate": "MAX", "column": {"column_name": "a"}}]},
        {"orderby": [[SLOW, True]]},
        {"filters": [{"col": SLOW, "op": "==", "val": 1}]},
        {"series_limit_metric": SLOW},
        {"series_columns": [SLOW]},
        {"extras": {"where": "levenshtein(a, b) > 1"}},
        {"extras": {"having": "levenshtein(a, b) > 1"}},
        {"time_offsets": ["1 year ago"]},
        {"annotation_layers": [{"sourceType": "table", "value": 9}]},
        {"post_processing": [{"operation": "resample", "options": {"rule": "1ms", "method": "ffill"}}]},
        {"datasource": {"id": 8, "type": "table"}},
        {"datasource": {"id": 7, "type": "query"}},
        {"result_type": "samples"},
        {"result_type": "drill_detail"},
    ],
)
def test_whoever_asks_for_more_has_no_priority(changes: dict[str, Any]) -> None:
    assert not saved_queries.asks_no_more(_request(**changes), SAVED)


@pytest.mark.parametrize("change", [{"result_type": "samples"}, {"datasource": {"id": 8, "type": "table"}}])
def test_a_query_in_a_request_cannot_ask_for_something_else(change: dict[str, Any]) -> None:
    request = _request()
    request["queries"][0].update(change)
    assert not saved_queries.asks_no_more(request, SAVED)


@pytest.mark.parametrize(
    "path",
    [
        "/register/",
        "/register",
        "/register/activation/x",
        "/registrations/",
        "/api/v1/security/user_registrations/",
        "/login/google",
        "/oauth-authorized/google",
        "/swagger/v1",
        "/api/v1/_openapi",
        "/embedded/1",
        "/dashboard/1/embedded",
        "/api/v1/security/guest_token/",
        "/alert/list/",
        "/report/1/log/",
        "/api/v1/report/",
        "/api/v1/database/1/upload/",
        "/dynamic-plugins/list/",
        "/superset/tags/",
        "/theme/list/",
    ],
)
def test_what_is_not_offered(path: str) -> None:
    assert not offered.is_offered(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login/",
        "/login",
        "/login/logout/",
        "/logout/",
        "/resetmypassword/form",
        "/superset/welcome/",
        "/superset/dashboard/executive-overview/",
        "/sqllab/",
        "/explore/",
        "/api/v1/security/login",
        "/api/v1/chart/1/data/",
        "/api/v1/theme/1",
        "/api/v1/database/1/tables/",
        "/users/list/",
        "/static/assets/theme/x.js",
    ],
)
def test_what_is_offered(path: str) -> None:
    assert offered.is_offered(path)
