"""Who gets in, from where, and what each login may reach."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
import requests

from tests.e2e.conftest import Superset
from tests.e2e.opened import DASHBOARDS, login_for

LISTENING = "0A"
LOOPBACK = "0100007F"


def test_it_listens_on_loopback_only(superset: Superset) -> None:
    port = f"{int(superset.url.rsplit(':', 1)[1]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    rows += [line.split() for line in Path("/proc/net/tcp6").read_text(encoding="ascii").splitlines()[1:]]
    listening = {row[1].split(":")[0] for row in rows if row[3] == LISTENING and row[1].endswith(f":{port}")}
    assert listening == {LOOPBACK}


def test_other_addresses_of_the_machine_do_not_answer(superset: Superset) -> None:
    address = socket.gethostbyname(socket.gethostname())
    if address.startswith("127."):
        pytest.skip("this machine has no other address to try")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://{address}:{superset.url.rsplit(':', 1)[1]}/health", timeout=5)


@pytest.mark.parametrize("path", ["dashboard/", "chart/", "dataset/", "database/", "dashboard/1"])
def test_nothing_is_public(superset: Superset, path: str) -> None:
    answer = requests.get(f"{superset.url}/api/v1/{path}", timeout=30)
    assert answer.status_code in (401, 403, 404) or answer.json().get("count") == 0


def test_an_executive_sees_the_dashboards_for_executives_and_no_sql(superset: Superset) -> None:
    session = superset.session("executive")
    dashboards = superset.get(session, "/api/v1/dashboard/")["result"]
    assert {dashboard["slug"] for dashboard in dashboards} == {
        slug for slug in DASHBOARDS if login_for(slug) == "executive"
    }
    refused = session.post(
        f"{superset.url}/api/v1/sqllab/execute/", json={"database_id": 1, "sql": "select 1"}, timeout=30
    )
    assert refused.status_code == 403
    for path in ("database/", "sqllab/", "query/", "saved_query/", "security/users/", "security/roles/"):
        assert session.get(f"{superset.url}/api/v1/{path}", timeout=30).status_code in (401, 403, 404), path


@pytest.mark.parametrize("login", ["executive", "analyst"])
@pytest.mark.parametrize("kind", ["database", "dataset", "dashboard", "chart"])
def test_nobody_but_the_administrator_writes_assets(superset: Superset, login: str, kind: str) -> None:
    session = superset.session(login)
    assert session.post(f"{superset.url}/api/v1/{kind}/", json={}, timeout=30).status_code in (401, 403)
    assert session.delete(f"{superset.url}/api/v1/{kind}/1", timeout=30).status_code in (401, 403)


@pytest.mark.parametrize("login", ["executive", "analyst", "admin"])
def test_files_cannot_be_uploaded_into_the_release(superset: Superset, login: str) -> None:
    session = superset.session(login)
    answer = session.post(
        f"{superset.url}/api/v1/database/1/upload/",
        data={"type": "csv", "table_name": "loot", "schema": "main"},
        files={"file": ("loot.csv", b"a\n1\n")},
        timeout=30,
    )
    assert answer.status_code >= 400


def test_the_chart_api_takes_no_free_sql_from_executives(superset: Superset) -> None:
    session = superset.session("executive")
    chart = superset.get(session, "/api/v1/chart/")["result"][0]
    dataset = int(chart["datasource_id"])
    stolen = "(select content from read_text('/etc/passwd'))"
    column = {"expressionType": "SQL", "label": "x", "sqlExpression": stolen}
    query = {"columns": [column], "metrics": [], "row_limit": 1}
    answer = session.post(
        f"{superset.url}/api/v1/chart/data",
        json={"datasource": {"id": dataset, "type": "table"}, "queries": [query]},
        timeout=30,
    )
    assert answer.status_code >= 400
    assert "root:x:0" not in answer.text


@pytest.mark.parametrize("login", [None, "executive", "admin"])
@pytest.mark.parametrize(
    "path",
    [
        "/register/",
        "/register",
        "/register/activation/abc",
        "/registrations/",
        "/api/v1/security/user_registrations/",
        "/api/v1/security/guest_token/",
        "/login/google",
        "/swagger/v1",
        "/api/v1/_openapi",
        "/embedded/5b6f0e7e-0000-4000-8000-000000000000",
        "/dashboard/executive-overview/embedded",
        "/alert/list/",
        "/report/list/",
        "/api/v1/report/",
        "/dynamic-plugins/list/",
        "/extensions/list/",
        "/tasks/list/",
        "/superset/tags/",
        "/theme/list/",
        "/users/register",
    ],
)
def test_what_is_not_offered_is_not_there(superset: Superset, login: str | None, path: str) -> None:
    session = superset.session(login) if login else requests.Session()
    answer = session.get(superset.url + path, timeout=30, allow_redirects=False)
    assert answer.status_code == 404


def test_people_still_log_in_and_out(superset: Superset) -> None:
    assert requests.get(f"{superset.url}/login/", timeout=30).status_code == 200
    for path in ("/logout/", "/resetmypassword/form", "/superset/welcome/", "/sqllab/"):
        answer = requests.get(superset.url + path, timeout=30, allow_redirects=False)
        assert answer.status_code in (302, 308), path


def test_state_and_secrets_are_private(superset: Superset) -> None:
    folder = superset.home / "superset"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("secrets.json", "logins.json", "superset.db"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


def test_passwords_are_printed_once(superset: Superset) -> None:
    assert all(password in superset.provisioned for password in superset.logins.values())
    assert not any(password in superset.provision() for password in superset.logins.values())


def test_pages_allow_no_foreign_content(superset: Superset) -> None:
    policy = requests.get(f"{superset.url}/login/", timeout=30).headers["Content-Security-Policy"]
    assert "http" not in policy.replace("http-equiv", "")
    assert "'unsafe-eval'" not in policy
