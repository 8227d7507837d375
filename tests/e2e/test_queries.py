"""Analysts' queries end in time, and dashboards do not wait for them."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.conftest import HURRIED_SECONDS, Superset

THREADS = 16
AD_HOC = 8
WITHOUT_WAITING_SECONDS = 10.0
"""A chart that waited for a thread would take until the limit."""
LATE_SECONDS = 10.0
SLOW = (
    "levenshtein(repeat('ab', 80000), repeat('ba', 80000 + {i}))",
    "(with recursive r(n) as (select {i} union all select n + 1 from r) select max(n) from r)",
)


@pytest.fixture(scope="module")
def analyst(hurried: Superset) -> requests.Session:
    return hurried.session("analyst")


@pytest.fixture(scope="module")
def executive(hurried: Superset) -> requests.Session:
    return hurried.session("executive")


def _sql_lab(superset: Superset, session: requests.Session, sql: str, client: str = "") -> requests.Response:
    body = {"database_id": 1, "sql": sql, "schema": "main", "runAsync": False, "queryLimit": 100}
    return requests.post(
        f"{superset.url}/api/v1/sqllab/execute/",
        json={**body, "client_id": client or uuid.uuid4().hex[:10]},
        headers=dict(session.headers),
        cookies=session.cookies,
        timeout=HURRIED_SECONDS * 4,
    )


def _chart(superset: Superset, session: requests.Session, dataset: int, sql: str) -> requests.Response:
    metric = {"expressionType": "SQL", "label": "slow", "sqlExpression": f"max({sql})"}
    query = {"columns": [], "metrics": [metric], "row_limit": 1}
    return requests.post(
        f"{superset.url}/api/v1/chart/data",
        json={"datasource": {"id": dataset, "type": "table"}, "queries": [query], "force": True},
        headers=dict(session.headers),
        cookies=session.cookies,
        timeout=HURRIED_SECONDS * 4,
    )


def _dashboard_chart(superset: Superset, session: requests.Session, chart: int) -> requests.Response:
    """Ask as the browser does for a chart of a dashboard."""
    context = json.loads(superset.get(session, f"/api/v1/chart/{chart}")["result"]["query_context"])
    context["form_data"] |= {"slice_id": chart, "dashboardId": 1}
    return session.post(f"{superset.url}/api/v1/chart/data", json={**context, "force": True}, timeout=60)


def _query_processes(superset: Superset) -> set[int]:
    """Return the processes of a server that run a query: its workers' servers of queries fork them."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        parents[int(folder.name)] = int(state.rpartition(")")[2].split()[1])
    below = {superset.process}
    for _ in ("workers", "their servers of queries", "queries"):
        below = {process for process, parent in parents.items() if parent in below}
    return below


def _timed(ask: Any, *arguments: Any) -> tuple[float, requests.Response]:
    started = time.monotonic()
    answer = ask(*arguments)
    return time.monotonic() - started, answer


def test_dashboards_do_not_wait_for_analysts_and_analysts_queries_end(
    hurried: Superset, analyst: requests.Session, executive: requests.Session
) -> None:
    charts = hurried.get(executive, "/api/v1/chart/?q=(page_size:100)")["result"]
    dataset = int(charts[0]["datasource_id"])
    started = time.monotonic()
    with ThreadPoolExecutor(THREADS + 4) as people:
        asked: list[Future[tuple[float, requests.Response]]] = []
        for i in range(THREADS + 4):
            slow = SLOW[i % 2].replace("{i}", str(i))
            if i % 4 < 2:
                asked.append(people.submit(_timed, _sql_lab, hurried, analyst, f"select {slow} as slow"))
            else:
                asked.append(
                    people.submit(_timed, _chart, hurried, analyst, dataset, SLOW[0].replace("{i}", str(i)))
                )
        time.sleep(3)
        assert len(_query_processes(hurried)) in range(1, AD_HOC + 1)
        seconds: list[float] = []
        while time.monotonic() - started < HURRIED_SECONDS / 2:
            chart = charts[len(seconds) % len(charts)]
            took, answer = _timed(_dashboard_chart, hurried, executive, chart["id"])
            assert answer.status_code == 200, answer.text[:500]
            seconds.append(took)
        assert max(seconds) < WITHOUT_WAITING_SECONDS, seconds
        answers = [one.result() for one in asked]
    stopped = [took for took, answer in answers if f"Stopped after {HURRIED_SECONDS} s" in answer.text]
    refused = [took for took, answer in answers if "queries are running already" in answer.text]
    assert len(stopped) + len(refused) == len(answers), [answer.text[:300] for _, answer in answers]
    assert 1 <= len(stopped) <= AD_HOC
    assert max(stopped) < HURRIED_SECONDS + LATE_SECONDS
    assert max(refused) < HURRIED_SECONDS / 2
    time.sleep(1)
    assert not _query_processes(hurried)


def test_slots_are_given_back(hurried: Superset, analyst: requests.Session) -> None:
    for i in range(THREADS + 4):
        good, bad = f"select {i} as i", f"select no_such_column_{i} from dim_customers"
        assert _sql_lab(hurried, analyst, good).status_code == 200
        assert "running already" not in _sql_lab(hurried, analyst, bad).text


def test_a_query_can_be_stopped(hurried: Superset, analyst: requests.Session) -> None:
    client = uuid.uuid4().hex[:10]
    with ThreadPoolExecutor(1) as people:
        asked = people.submit(
            _timed, _sql_lab, hurried, analyst, f"select {SLOW[0]}".replace("{i}", "1"), client
        )
        deadline = time.monotonic() + HURRIED_SECONDS / 2
        while not (_query_processes(hurried)) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        stop = analyst.post(f"{hurried.url}/api/v1/query/stop", json={"client_id": client}, timeout=30)
        assert stop.status_code == 200, stop.text
        took, _ = asked.result()
    assert took < HURRIED_SECONDS
    assert not _query_processes(hurried)


def test_what_was_found_can_be_downloaded(hurried: Superset, analyst: requests.Session) -> None:
    client = uuid.uuid4().hex[:10]
    assert _sql_lab(hurried, analyst, "select tier, count(*) as n from dim_customers group by 1", client).ok
    answer = analyst.get(f"{hurried.url}/api/v1/sqllab/export/{client}/", timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    assert answer.text.lstrip("\ufeff").startswith("tier,n")
